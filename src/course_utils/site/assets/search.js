// The theme asks for the search index on every page. It grows with the course, so the request waits
// until somebody searches, or comes with a query or with words to highlight.
(() => {
  const { open, send } = XMLHttpRequest.prototype;
  const wanted = () => /[?&](q|h)=/.test(location.search);

  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.waits = new URL(url, location).pathname.endsWith("/search/search_index.json");
    return open.call(this, method, url, ...rest);
  };

  XMLHttpRequest.prototype.send = function (...body) {
    const field = document.querySelector(".md-search__input");
    if (!this.waits || wanted() || document.activeElement === field) return send.apply(this, body);
    field.addEventListener("focus", () => send.apply(this, body), { once: true });
  };
})();
