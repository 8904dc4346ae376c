// Repairs that need the finished layout: what scrolls sideways can be reached with the keyboard
// and has a name, and Material's copy buttons are no landmarks.
(() => {
  const scrollers =
    ".highlight pre > code, .nb-out pre, .nb-scroll, div.maths, .home-picture, .md-typeset__scrollwrap";

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null) element.removeAttribute(name);
      else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
  }

  function repair() {
    document.querySelectorAll(scrollers).forEach((box, index) => {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      set(box, {
        tabindex: scrolls ? "0" : null,
        role: scrolls ? "region" : null,
        "aria-label": scrolls ? `Scrollable content ${index + 1}` : null,
      });
    });
    document.querySelectorAll("nav.md-code__nav").forEach((nav) => {
      set(nav, { role: "presentation" });
    });
  }

  let due = 0;
  function soon() {
    // Measuring is costly while the page is still being laid out: wait until it rests.
    clearTimeout(due);
    due = setTimeout(repair, 200);
  }

  window.addEventListener("load", soon);
  window.addEventListener("resize", soon);
  document.addEventListener("toggle", soon, true);
  // Material adds its buttons when a block comes into view.
  const article = document.querySelector(".md-content");
  if (article) {
    const watched = { childList: true, subtree: true, attributeFilter: ["tabindex"] };
    new MutationObserver(soon).observe(article, watched);
  }
})();
