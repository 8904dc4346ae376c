/* Draws a learner's paper as course_utils.quiz.paper does, and saves the responses as a file.
   It knows questions and ids, no keys. SHA-256 is written out here, since browsers offer theirs
   on secure pages only, and a page opened from disk is none. */
(() => {
  "use strict";
  const WORD = 2 ** 32;
  const ROOTS = (() => {
    const primes = [];
    for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
    const part = (x) => Math.floor((x - Math.floor(x)) * WORD) | 0;
    return { start: primes.slice(0, 8).map((p) => part(Math.sqrt(p))), rounds: primes.map((p) => part(Math.cbrt(p))) };
  })();
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  /* The SHA-256 of a text in UTF-8, in hexadecimal. */
  function sha256(text) {
    const bytes = new TextEncoder().encode(text);
    const blocks = (bytes.length + 72) >> 6;
    const view = new DataView(new ArrayBuffer(blocks * 64));
    bytes.forEach((byte, n) => view.setUint8(n, byte));
    view.setUint8(bytes.length, 0x80);
    view.setUint32(blocks * 64 - 4, bytes.length * 8);
    const state = [...ROOTS.start];
    const w = new Int32Array(64);
    for (let block = 0; block < blocks; block += 1) {
      for (let n = 0; n < 64; n += 1) {
        if (n < 16) { w[n] = view.getInt32(block * 64 + n * 4); continue; }
        const a = turn(w[n - 15], 7) ^ turn(w[n - 15], 18) ^ (w[n - 15] >>> 3);
        const b = turn(w[n - 2], 17) ^ turn(w[n - 2], 19) ^ (w[n - 2] >>> 10);
        w[n] = w[n - 16] + a + w[n - 7] + b;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let n = 0; n < 64; n += 1) {
        const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROOTS.rounds[n] + w[n];
        const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((x, n) => { state[n] = (state[n] + x) | 0; });
    }
    return state.map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /* The ids of the paper of a learner's attempt: course_utils.quiz.paper tells the rules. */
  function draw(bank, learner, attempt) {
    const used = {};
    let paper = [];
    for (let number = 1; number <= attempt; number += 1) {
      paper = drawOnce(bank, learner, number, used);
      for (const id of paper) used[id] = (used[id] || 0) + 1;
    }
    return paper;
  }
  function drawOnce(bank, learner, number, used) {
    const drawn = bank.questions.map(([id, objective, apply]) => (
      { id, objective, apply, used: used[id] || 0, chance: sha256([bank.quiz, learner, number, id].join("\n")) }));
    const byChance = (a, b) => (a.chance < b.chance ? -1 : 1);
    const ranked = drawn.sort((a, b) => a.used - b.used || byChance(a, b));
    return bank.topics.flatMap(([count, applied, objectives]) => {
      const own = ranked.filter((question) => objectives.includes(question.objective));
      return ofTopic(count, applied, own).sort(byChance).map((question) => question.id);
    });
  }
  function ofTopic(count, applied, ranked) {
    const chosen = [];
    const take = (wanted, fits) => {
      for (const question of ranked) {
        if (chosen.length < wanted && !chosen.includes(question) && fits(question)) chosen.push(question);
      }
    };
    const fresh = (question) => !chosen.some((other) => other.objective === question.objective);
    take(applied, (question) => question.apply && fresh(question));
    take(count, fresh);
    take(count, () => true);
    return chosen;
  }

  const store = {
    get(key) {
      try { return JSON.parse(localStorage.getItem(key)) || {}; } catch { return {}; }
    },
    set(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
    },
  };
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

  /* What the file says of a field: undefined if it is not answered, or what is missing. */
  function response(field, given) {
    const kind = field.dataset.type;
    if (Array.isArray(given)) return kind === "multiple" ? (given.length ? given : undefined) : given[0];
    if (typeof given === "string") return given.trim() ? given : undefined;
    const chosen = Object.entries(given).filter((pair) => pair[1]);
    if (!chosen.length) return undefined;
    if (kind === "match") return Object.fromEntries(chosen);
    const sorted = chosen.sort((a, b) => a[1] - b[1]).map((pair) => pair[0]);
    return new Set(Object.values(given)).size === sorted.length && sorted.length === Object.keys(given).length ? sorted : undefined;
  }
  function advice(field, given) {
    if (field.dataset.type === "numeric" && given.trim() && !NUMBER.test(given.trim())) return "Write a number, such as 0.5 or 1e-3.";
    const begun = field.dataset.type === "order" && Object.values(given).some(Boolean);
    return begun && response(field, given) === undefined ? "Give every line a place of its own." : "";
  }

  function start(form) {
    const { all, read, fill } = window.courseForm;
    const bank = window.courseBank;
    const html = new Map(bank.questions.map((question) => [question[0], question[3]]));
    const part = (name) => form.querySelector(`.exam-${name}`);
    const who = { learner: form.elements.learner, attempt: form.elements.attempt };
    const last = `course-exam-1:${bank.quiz}`;
    let paper = null;
    const fields = () => all(part("paper"), "fieldset");

    function say(text) { part("said").textContent = text; }
    function show() {
      const learner = who.learner.value.trim().toLowerCase();
      const attempt = Number(who.attempt.value);
      if (!/^[a-z0-9][a-z0-9._@+-]{0,63}$/.test(learner)) return say("A learner id has 1 to 64 letters, digits or . _ @ + - and begins with a letter or digit.");
      if (!(Number.isInteger(attempt) && attempt >= 1 && attempt <= bank.most)) return say(`Attempts are numbered from 1 to ${bank.most}.`);
      const ids = draw(bank, learner, attempt);
      paper = { learner, attempt, ids, key: `${last}:${bank.edition}:${learner}:${attempt}` };
      part("paper").innerHTML = ids.map((id) => html.get(id)).join("");
      const saved = store.get(paper.key);
      fields().forEach((field, n) => {
        field.querySelector(".exam-number").textContent = n + 1;
        try { if (saved[field.dataset.question] !== undefined) fill(field, saved[field.dataset.question]); } catch { /* not ours */ }
        field.addEventListener("input", keep);
      });
      part("actions").hidden = false;
      part("saved").textContent = "";
      store.set(last, { learner, attempt });
      count();
      return undefined;
    }
    function count() {
      const done = fields().filter((field) => response(field, read(field)) !== undefined).length;
      for (const field of fields()) field.querySelector(".exam-hint").textContent = advice(field, read(field));
      say(`The paper of ${paper.learner}, attempt ${paper.attempt}: ${done} of ${paper.ids.length} answered.`);
      return done;
    }
    function keep() {
      const given = Object.fromEntries(fields().map((field) => [field.dataset.question, read(field)]));
      const kept = store.set(paper.key, given);
      count();
      if (!kept) say(`${part("said").textContent} This browser keeps nothing: save the file before you leave.`);
    }
    function save() {
      const answers = fields().map((field) => [field.dataset.question, response(field, read(field))]);
      const responses = Object.fromEntries(answers.filter((pair) => pair[1] !== undefined));
      const { learner, attempt, ids } = paper;
      const file = { quiz: bank.quiz, edition: bank.edition, learner, attempt, paper: ids, responses };
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
      link.download = `${bank.quiz.replaceAll("/", "-")}-${learner}-${attempt}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      const open = ids.length - count();
      part("saved").textContent = `Saved as ${link.download}: hand it in.${open ? ` Not answered: ${open}.` : ""}`;
    }

    const before = store.get(last);
    if (before.learner) {
      who.learner.value = before.learner;
      who.attempt.value = before.attempt;
      show();
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      /* Enter in a question's field is no wish for another paper. */
      if (!part("paper").contains(document.activeElement)) show();
    });
    part("save").addEventListener("click", save);
    form.classList.add("quiz-live");
  }

  window.courseExam = { draw, sha256 };
  const begin = () => document.querySelectorAll("form.exam").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
