(function () {
  "use strict";
  var form = document.getElementById("filters");
  if (!form) { return; }
  var words = form.elements.namedItem("words");
  var verdict = form.elements.namedItem("verdict");
  var rows = Array.prototype.slice.call(document.querySelectorAll("[data-claim]"));
  var shown = document.getElementById("shown");
  form.hidden = false;
  function apply() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    rows.forEach(function (row) {
      var text = row.getAttribute("data-claim");
      var fits = wanted.every(function (word) { return text.indexOf(word) >= 0; }) &&
        (!verdict.value || row.getAttribute("data-verdict") === verdict.value);
      row.hidden = !fits;
      count += fits ? 1 : 0;
    });
    shown.textContent = count + " of " + rows.length + " claims";
  }
  function remember() {
    var state = new URLSearchParams();
    if (words.value) { state.set("q", words.value); }
    if (verdict.value) { state.set("verdict", verdict.value); }
    var hash = state.toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname.split("/").pop());
  }
  function recall() {
    var state = new URLSearchParams(location.hash.slice(1));
    words.value = state.get("q") || "";
    verdict.value = state.get("verdict") || "";
    apply();
  }
  form.addEventListener("input", function () { apply(); remember(); });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", recall);
  recall();
})();
