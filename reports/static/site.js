(function () {
  "use strict";
  var root = document.documentElement;
  var themes = ["system", "light", "dark"];

  function stored() {
    try { return localStorage.getItem("attnproof-theme") || "system"; } catch (refused) { return "system"; }
  }
  function paint(theme) {
    root.style.colorScheme = theme === "system" ? "" : theme;
  }
  paint(stored());

  function themeButton() {
    var button = document.getElementById("theme");
    var theme = stored();
    button.hidden = false;
    button.querySelector("span").textContent = theme;
    button.addEventListener("click", function () {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      try { localStorage.setItem("attnproof-theme", theme); } catch (refused) { /* this page only */ }
      button.querySelector("span").textContent = theme;
      paint(theme);
    });
  }

  // What is searched for lives in the address after #, so that it can be linked to.
  function filters() {
    var form = document.getElementById("filters");
    if (!form) { return; }
    var words = form.elements.namedItem("words");
    var chips = Array.from(form.querySelectorAll("[data-filter]"));
    var rows = Array.from(document.querySelectorAll("[data-claim]"));
    // What the row shows, the paper's key in its address, and its method where that is not shown.
    var texts = rows.map(function (row) {
      return [row.textContent, row.querySelector("a").getAttribute("href"), row.dataset.claim].join(" ").toLowerCase();
    });
    var groups = Array.from(document.querySelectorAll("[data-group]"));
    var shown = document.getElementById("shown");
    form.hidden = false;

    function pressed() {
      return chips.filter(function (chip) { return chip.getAttribute("aria-pressed") === "true"; })
        .map(function (chip) { return chip.dataset.filter; });
    }
    function apply() {
      var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      var verdicts = pressed();
      var count = 0;
      rows.forEach(function (row, k) {
        var fits = wanted.every(function (word) { return texts[k].includes(word); }) &&
          (!verdicts.length || verdicts.includes(row.dataset.verdict));
        row.hidden = !fits;
        count += fits ? 1 : 0;
      });
      groups.forEach(function (group) { group.hidden = !group.querySelector("[data-claim]:not([hidden])"); });
      shown.textContent = count + " of " + rows.length + " claims";
    }
    function remember() {
      var state = new URLSearchParams();
      var verdicts = pressed();
      if (words.value) { state.set("q", words.value); }
      if (verdicts.length) { state.set("verdict", verdicts.join(",")); }
      history.replaceState(null, "", "#" + (state.toString() || "claims"));
    }
    function recall() {
      var state = new URLSearchParams(location.hash.slice(1));
      var asked = state.has("q") || state.has("verdict");
      if (!asked && location.hash) { return; }
      var verdicts = (state.get("verdict") || "").split(",");
      words.value = state.get("q") || "";
      chips.forEach(function (chip) {
        chip.setAttribute("aria-pressed", String(verdicts.includes(chip.dataset.filter)));
      });
      apply();
      if (asked) { document.getElementById("claims").scrollIntoView(); }
    }
    form.addEventListener("input", function () { apply(); remember(); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () {
      chips.forEach(function (chip) { chip.setAttribute("aria-pressed", "false"); });
      setTimeout(function () { apply(); remember(); });
    });
    chips.forEach(function (chip) {
      chip.addEventListener("click", function () {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
        apply();
        remember();
      });
    });
    window.addEventListener("hashchange", recall);
    document.addEventListener("keydown", function (event) {
      if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
        event.preventDefault();
        words.focus();
      }
    });
    apply();
    recall();
  }

  // A link to an altered claim opens it.
  function unfold() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var fold = target && target.querySelector(":scope > details");
    if (fold) { fold.open = true; }
  }

  // Short commands, formulas and values take no step of the keyboard; what scrolls does.
  function reachable() {
    document.querySelectorAll(".inline-math, .value, .scroll:not([role]), pre.command").forEach(function (part) {
      if (part.scrollWidth > part.clientWidth + 1) {
        part.tabIndex = 0;
      } else {
        part.removeAttribute("tabindex");
      }
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    themeButton();
    filters();
    unfold();
    reachable();
    window.addEventListener("resize", reachable);
    document.addEventListener("toggle", reachable, true);
    window.addEventListener("hashchange", unfold);
  });
})();
