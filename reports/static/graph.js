(function () {
  "use strict";

  // What is in focus lives in the address after #, so that it can be linked to.
  function focus() {
    var form = document.getElementById("focus");
    if (!form) { return; }
    var drawing = document.getElementById("graph");
    var whole = ["viewBox", "width", "height"].map(function (name) { return drawing.getAttribute(name); });
    var claim = form.elements.namedItem("claim");
    var depth = form.elements.namedItem("depth");
    var shown = document.getElementById("shown");
    var nodes = Array.from(drawing.querySelectorAll("[data-node]"));
    var lines = Array.from(document.querySelectorAll("[data-premise]"));
    var items = Array.from(document.querySelectorAll(".edges > li"));
    var neighbours = new Map(nodes.map(function (node) { return [node.dataset.node, new Set()]; }));
    var first = nodes.length && nodes[0].querySelector("rect");
    lines.forEach(function (line) {
      neighbours.get(line.dataset.claim).add(line.dataset.premise);
      neighbours.get(line.dataset.premise).add(line.dataset.claim);
    });
    form.hidden = false;

    // Breadth first, in either direction of the arrows.
    function within(start, steps) {
      var found = new Set([start]);
      var edge = [start];
      for (var step = 0; step < steps && edge.length; step += 1) {
        var next = [];
        edge.forEach(function (one) {
          neighbours.get(one).forEach(function (other) {
            if (!found.has(other)) { found.add(other); next.push(other); }
          });
        });
        edge = next;
      }
      return found;
    }
    function frame(left) {
      var box = whole;
      if (left.length < nodes.length) {
        var places = left.map(function (node) { return node.dataset.box.split(" ").map(Number); });
        var xs = places.map(function (place) { return place[0]; });
        var ys = places.map(function (place) { return place[1]; });
        var x = Math.min.apply(null, xs) - 44, y = Math.min.apply(null, ys) - 8;
        var width = Math.max.apply(null, xs) + first.width.baseVal.value + 8 - x;
        var height = Math.max.apply(null, ys) + first.height.baseVal.value + 8 - y;
        box = [[x, y, width, height].join(" "), width, height];
      }
      ["viewBox", "width", "height"].forEach(function (name, k) { drawing.setAttribute(name, box[k]); });
    }
    // SVG elements have no property "hidden".
    function hide(element, hidden) {
      if (hidden) { element.setAttribute("hidden", ""); } else { element.removeAttribute("hidden"); }
    }
    function apply() {
      var centre = claim.value;
      var steps = depth.value === "all" ? Infinity : Number(depth.value);
      var seen = centre ? within(centre, steps) : new Set(neighbours.keys());
      nodes.forEach(function (node) {
        hide(node, !seen.has(node.dataset.node));
        node.classList.toggle("here", node.dataset.node === centre);
      });
      lines.forEach(function (line) {
        hide(line, !seen.has(line.dataset.claim) || !seen.has(line.dataset.premise));
      });
      items.forEach(function (item) { item.hidden = !item.querySelector("[data-premise]:not([hidden])"); });
      frame(nodes.filter(function (node) { return !node.hasAttribute("hidden"); }));
      shown.textContent = seen.size + " of " + nodes.length + " claims shown";
    }
    function remember() {
      var state = new URLSearchParams();
      if (claim.value) { state.set("focus", claim.value); state.set("depth", depth.value); }
      // The slash may stand as it is, and reads better.
      history.replaceState(null, "", "#" + state.toString().replace(/%2F/g, "/"));
    }
    function recall() {
      var state = new URLSearchParams(location.hash.slice(1));
      if (location.hash && !state.has("focus") && location.hash !== "#") { return; }
      var asked = state.get("focus") || "";
      claim.value = neighbours.has(asked) ? asked : "";
      depth.value = state.get("depth") || "2";
      if (depth.selectedIndex < 0) { depth.value = "2"; }
      apply();
      if (asked && !claim.value) { shown.textContent = asked + " uses and amends no claim, and none uses or amends it; all claims are shown"; }
      if (claim.value) { form.scrollIntoView(); }
    }
    function move(name) {
      claim.value = name;
      apply();
      remember();
    }
    form.addEventListener("change", function () { apply(); remember(); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(function () { apply(); remember(); }); });
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey) { return; }
      var node = document.activeElement && document.activeElement.closest("[data-node]");
      if (event.key === "f" && node) { move(node.dataset.node); }
      if (event.key === "Escape" && claim.value) { move(""); }
    });
    window.addEventListener("hashchange", recall);
    apply();
    recall();
  }

  document.addEventListener("DOMContentLoaded", focus);
})();
