// Repairs that need the finished layout: what scrolls sideways can be reached with the keyboard
// and has a name; what Material hides from sight is hidden from screen readers too.
(() => {
  const scrollers = ".nb-out pre, .nb-scroll, div.maths, .home-picture, .md-typeset__scrollwrap";

  function nameScrollers() {
    document.querySelectorAll(scrollers).forEach((box, index) => {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", `Scrollable content ${index + 1}`);
      } else {
        ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
      }
    });
  }

  function nameCode() {
    document.querySelectorAll(".highlight pre > code[tabindex]").forEach((code, index) => {
      code.setAttribute("role", "region");
      code.setAttribute("aria-label", `Code ${index + 1}`);
    });
  }

  function repair() {
    nameScrollers();
    nameCode();
  }

  window.addEventListener("load", repair);
  window.addEventListener("resize", repair);
  document.addEventListener("toggle", repair, true);
})();
