/* Marks practice quizzes in the page, by the rules of course_utils.quiz.mark. */
(() => {
  "use strict";
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const normal = (text, cased) => {
    const words = text.trim().split(/\s+/).join(" ");
    return cased ? words : words.toLowerCase();
  };

  const read = {
    choice: (field) => [...field.querySelectorAll("input:checked")].map((input) => input.value),
    text: (field) => field.querySelector("input").value,
    parts: (field) =>
      Object.fromEntries([...field.querySelectorAll("select")].map((s) => [s.dataset.part, s.value])),
  };
  const order = (places) =>
    Object.entries(places).sort((a, b) => a[1] - b[1]).map(([part]) => part);

  /* Each returns a score in [0, 1], or a sentence that says what is missing. */
  const score = {
    choice(field, data) {
      const chosen = read.choice(field);
      if (!chosen.length) return "Choose an answer first.";
      const right = chosen.filter((id) => data.key.includes(id)).length;
      return Math.max(0, (2 * right - chosen.length) / data.key.length);
    },
    numeric(field, data) {
      const text = read.text(field).trim();
      if (!NUMBER.test(text)) return "Write a number, such as 0.5 or 1e-3.";
      return +(Math.abs(Number(text) - data.key) <= data.margin);
    },
    written(field, data) {
      const text = normal(read.text(field), data.case);
      if (!text) return "Write an answer first.";
      return +data.key.some((key) => normal(key, data.case) === text);
    },
    order(field, data) {
      const places = read.parts(field);
      const given = Object.values(places);
      if (given.includes("")) return "Give every line its place first.";
      if (new Set(given).size < given.length) return "Two lines have the same place.";
      const ids = order(places);
      const hits = ids.filter((id, n) => n && data.key.indexOf(id) === data.key.indexOf(ids[n - 1]) + 1);
      return hits.length / (ids.length - 1);
    },
    match(field, data) {
      const given = Object.entries(read.parts(field)).filter(([, value]) => value);
      if (!given.length) return "Choose at least one pair first.";
      return given.filter(([left, right]) => left === right).length / Object.keys(data.key).length;
    },
  };
  const rule = { single: "choice", multiple: "choice", bug: "choice", text: "written", output: "written" };

  function explain(field, data) {
    for (const id of read.choice(field)) {
      const why = field.querySelector(`[data-why="${id}"]`);
      if (!why) continue;
      why.innerHTML = data.why[id];
      why.parentElement.dataset.mark = data.key.includes(id) ? "right" : "wrong";
    }
    for (const select of field.querySelectorAll(".quiz-pair select")) {
      if (select.value) {
        select.parentElement.dataset.mark = select.value === select.dataset.part ? "right" : "wrong";
      }
    }
  }

  function clear(field) {
    delete field.dataset.score;
    field.querySelector(".quiz-result").textContent = "";
    field.querySelector(".quiz-key").hidden = true;
    for (const marked of field.querySelectorAll("[data-mark]")) delete marked.dataset.mark;
    for (const why of field.querySelectorAll(".quiz-why")) why.textContent = "";
  }

  function verdict(value) {
    if (value === 1) return "Right.";
    return value === 0 ? "Not yet." : `Partly right: ${Math.round(value * 100)} %.`;
  }

  function check(field, data) {
    clear(field);
    const value = score[rule[field.dataset.type] || field.dataset.type](field, data);
    const result = field.querySelector(".quiz-result");
    if (typeof value === "string") {
      result.textContent = value;
      return;
    }
    field.dataset.score = value;
    result.textContent = verdict(value);
    explain(field, data);
    const key = field.querySelector(".quiz-key");
    key.hidden = false;
    key.open = value === 1;
    key.querySelector("summary").textContent = value === 1 ? "Why" : "Show the answer";
  }

  function total(form) {
    const fields = [...form.querySelectorAll("fieldset")];
    const scores = fields.map((f) => f.dataset.score).filter((s) => s !== undefined).map(Number);
    const sum = scores.reduce((a, b) => a + b, 0);
    form.querySelector(".quiz-total").textContent = scores.length
      ? `${+sum.toFixed(2)} of ${fields.length} points, ${scores.length} answered`
      : "";
  }

  /* What was answered is kept in this browser; a browser that refuses storage only forgets it. */
  const storeKey = (form) => `course-quiz-1:${form.dataset.quiz}`;
  const inputs = (form) => [...form.querySelectorAll("input, select")];
  function save(form) {
    const state = inputs(form).map((i) => (i.type === "radio" || i.type === "checkbox" ? i.checked : i.value));
    const checked = [...form.querySelectorAll("fieldset[data-score]")].map((f) => f.dataset.question);
    try {
      localStorage.setItem(storeKey(form), JSON.stringify({ state, checked }));
    } catch { /* private mode */ }
  }
  function restore(form, data) {
    let saved = null;
    try {
      saved = JSON.parse(localStorage.getItem(storeKey(form)));
    } catch { /* none, or not ours */ }
    const all = inputs(form);
    if (!saved || !Array.isArray(saved.state) || saved.state.length !== all.length) return;
    all.forEach((input, n) => {
      if (typeof saved.state[n] === "boolean") input.checked = saved.state[n];
      else input.value = saved.state[n];
    });
    for (const id of saved.checked || []) {
      const field = form.querySelector(`[data-question="${CSS.escape(id)}"]`);
      if (field) check(field, data[id]);
    }
  }

  function start(form) {
    const data = JSON.parse(form.querySelector("script").textContent);
    for (const field of form.querySelectorAll("fieldset")) {
      clear(field);
      field.querySelector("button").addEventListener("click", (event) => {
        event.preventDefault();
        check(field, data[field.dataset.question]);
        total(form);
        save(form);
      });
      field.addEventListener("change", () => {
        clear(field);
        total(form);
        save(form);
      });
      /* Enter in a field checks that question, not the form's first one. */
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !event.target.matches("input")) return;
        event.preventDefault();
        field.querySelector("button").click();
      });
    }
    form.classList.add("quiz-live");
    restore(form, data);
    total(form);
  }

  const begin = () => document.querySelectorAll("form.quiz").forEach(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
