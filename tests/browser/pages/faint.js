// Every text with its colour and the first opaque ground behind it: those below 4.5 to 1.
(function () {
  function light(c) {
    return [0.2126, 0.7152, 0.0722].reduce(function (sum, weight, k) {
      var v = c[k] / 255;
      return sum + weight * (v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
    }, 0);
  }
  function numbers(text) { return text.match(/[\d.]+/g).map(Number); }
  function ground(element) {
    for (var e = element; e; e = e.parentElement) {
      var c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) { return c; }
    }
    return [255, 255, 255];
  }
  var found = [];
  var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (var node = walker.nextNode(); node; node = walker.nextNode()) {
    var parent = node.parentElement;
    if (!node.data.trim() || !parent.checkVisibility() || parent.closest("title,desc")) {
      continue;
    }
    var style = getComputedStyle(parent);
    var ink = numbers(parent.closest("svg") ? style.fill : style.color);
    var a = light(ink), b = light(ground(parent));
    var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) { found.push(node.data.trim().slice(0, 30) + " " + ratio.toFixed(2)); }
  }
  return found;
})()
