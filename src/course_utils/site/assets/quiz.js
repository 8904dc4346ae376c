/* Marks practice quizzes in the page, by the rules of course_utils.quiz.mark. */
(() => {
  "use strict";
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const PLAIN = { "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-" };
  const normal = (text, cased) => {
    const plain = text.normalize("NFC").replace(/[‘’“”–—]/g, (sign) => PLAIN[sign]);
    const words = plain.replace(/[\s\x1c-\x1f\x85]+/g, " ").replace(/^ | $/g, "");
    return cased ? words : words.toLowerCase();
  };
  const all = (node, selector) => [...node.querySelectorAll(selector)];
  const count = (items, test) => items.filter(test).length;

  /* Each takes a question's data and what was given: a list of ids, a text, or {part: value}.
     It returns {score, options}, score in [0, 1], or a sentence that says what is missing. */
  const rules = {
    choice({ key, of }, chosen) {
      if (!chosen.length) return "Choose an answer first.";
      const options = Object.fromEntries(chosen.map((id) => [id, key.includes(id)]));
      const hits = count(chosen, (id) => options[id]);
      const score = hits / key.length - (chosen.length - hits) / (of - key.length);
      return { score: Math.max(0, score), options };
    },
    numeric({ key, margin }, text) {
      if (!NUMBER.test(text.trim())) return "Write a number, such as 0.5 or 1e-3.";
      return { score: +(Math.abs(Number(text) - key) <= margin), options: {} };
    },
    written({ key, cased }, text) {
      const given = normal(text, cased);
      if (!given) return "Write an answer first.";
      return { score: +key.some((accepted) => normal(accepted, cased) === given), options: {} };
    },
    order({ key }, places) {
      const given = Object.values(places);
      if (given.includes("")) return "Give every line its place first.";
      if (new Set(given).size < given.length) return "Two lines have the same place.";
      const ids = Object.keys(places).sort((a, b) => places[a] - places[b]);
      const steps = ids.slice(1).map((id, n) => [id, key.indexOf(id) === key.indexOf(ids[n]) + 1]);
      return { score: count(steps, (step) => step[1]) / steps.length, options: Object.fromEntries(steps) };
    },
    match({ key }, pairs) {
      const given = Object.keys(pairs).filter((left) => pairs[left]);
      if (!given.length) return "Choose at least one pair first.";
      const options = Object.fromEntries(given.map((left) => [left, pairs[left] === key[left]]));
      return { score: count(given, (left) => options[left]) / Object.keys(key).length, options };
    },
  };

  function read(field) {
    const boxes = all(field, "input[value]");
    const selects = all(field, "select");
    if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
    if (selects.length) return Object.fromEntries(selects.map((s) => [s.dataset.part, s.value]));
    return field.querySelector("input").value;
  }
  function fill(field, given) {
    for (const input of all(field, "input, select")) {
      if (input.matches("select")) input.value = given[input.dataset.part] || "";
      else if (input.hasAttribute("value")) input.checked = given.includes(input.value);
      else input.value = given;
    }
  }

  /* exam.js reads and fills its fields alike. */
  window.courseForm = { all, read, fill };

  function clear(field) {
    delete field.dataset.score;
    field.querySelector(".quiz-result").textContent = "";
    field.querySelector(".quiz-key").hidden = true;
    for (const part of all(field, "[data-mark]")) delete part.dataset.mark;
    for (const why of all(field, ".quiz-why")) why.hidden = true;
  }
  function verdict(score) {
    if (score === 1) return "Right.";
    return score === 0 ? "Not yet." : `Partly right: ${Math.round(score * 100)} %.`;
  }
  function check(field, data) {
    clear(field);
    const marked = rules[data.rule](data, read(field));
    const result = field.querySelector(".quiz-result");
    if (typeof marked === "string") {
      result.textContent = marked;
      return;
    }
    field.dataset.score = marked.score;
    result.textContent = verdict(marked.score);
    for (const part of all(field, "[data-option]")) {
      const right = marked.options[part.dataset.option];
      if (right === undefined) continue;
      part.dataset.mark = right ? "right" : "wrong";
      part.querySelector(".quiz-why").hidden = false;
    }
    const key = field.querySelector(".quiz-key");
    key.hidden = false;
    key.open = marked.score === 1;
    key.querySelector("summary").textContent = marked.score === 1 ? "Why" : "Show the answer";
  }

  function total(form) {
    const fields = all(form, "fieldset");
    const scores = fields.map((f) => f.dataset.score).filter((s) => s !== undefined).map(Number);
    const sum = scores.reduce((a, b) => a + b, 0);
    form.querySelector(".quiz-total").textContent = scores.length
      ? `${+sum.toFixed(2)} of ${fields.length} points, ${scores.length} answered`
      : "";
    form.querySelector(".quiz-again").hidden = !scores.length;
  }

  /* Answers stay in this browser, by the ids of questions and options, so that a quiz may change.
     A browser that refuses storage only forgets them. */
  const storeKey = (form) => `course-quiz-2:${form.dataset.quiz}`;
  function save(form) {
    const given = {};
    for (const field of all(form, "fieldset")) {
      given[field.dataset.question] = [read(field), field.dataset.score !== undefined];
    }
    try {
      localStorage.setItem(storeKey(form), JSON.stringify(given));
    } catch { /* private mode, or full */ }
  }
  function restore(form, data) {
    try {
      const saved = JSON.parse(localStorage.getItem(storeKey(form))) || {};
      for (const field of all(form, "fieldset")) {
        const [given, checked] = saved[field.dataset.question] || [];
        if (given !== undefined) fill(field, given);
        if (checked) check(field, data[field.dataset.question]);
      }
    } catch { /* none, or not ours */ }
  }

  function startAgain(form) {
    form.reset();
    all(form, "fieldset").forEach(clear);
    total(form);
    try {
      localStorage.removeItem(storeKey(form));
    } catch { /* private mode */ }
    form.querySelector("input, select").focus();
  }
  function start(form) {
    const data = JSON.parse(form.querySelector("script").textContent);
    all(form, "fieldset").forEach(clear);
    restore(form, data);
    total(form);
    form.classList.add("quiz-live");
    /* Only what changes from now on is to be announced. */
    for (const line of all(form, ".quiz-result, .quiz-total")) line.setAttribute("role", "status");
    for (const field of all(form, "fieldset")) {
      const act = () => {
        check(field, data[field.dataset.question]);
        total(form);
        save(form);
      };
      field.querySelector("button").addEventListener("click", act);
      field.addEventListener("input", () => {
        clear(field);
        total(form);
        save(form);
      });
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches("input")) act();
      });
    }
    form.querySelector(".quiz-again").addEventListener("click", () => startAgain(form));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  const begin = () => document.querySelectorAll("form.quiz:not(.exam)").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
