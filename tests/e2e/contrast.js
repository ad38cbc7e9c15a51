/* The texts of the page that stand out too little from what lies below them: WCAG AA, 4.5 to 1, and 3 to 1 for large letters and
   signs. Each as "ratio element text"; an empty list is a readable page. */
() => {
  const brush = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const paint = (colour) => { /* any notation of CSS as red, green, blue, alpha */
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const lay = (above, below) => [0, 1, 2].map((i) => above[i] * above[3] + below[i] * (1 - above[3])).concat(1);
  const light = (colour) => {
    const [red, green, blue] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const compare = (one, other) => {
    const [dim, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dim + 0.05);
  };
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) { layers.push(paint(getComputedStyle(at).backgroundColor)); }
    return layers.reverse().reduce((below, above) => lay(above, below), isDark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };
  const needed = (element, style) => {
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    return isLarge || element.matches(".material-symbols-outlined") ? 3 : 4.5;
  };
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility === "visible" && !element.closest("[disabled]");
  };
  const texts = document.evaluate("//body//text()[normalize-space()]", document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
  const found = [];
  for (let i = 0; i < texts.snapshotLength; i += 1) {
    const element = texts.snapshotItem(i).parentElement;
    if (element.matches("script, style, option, template, noscript, symbol *") || !isSeen(element)) { continue; }
    const style = getComputedStyle(element);
    const below = ground(element);
    const ratio = compare(lay(paint(element instanceof SVGElement ? style.fill : style.color), below), below);
    if (ratio < needed(element, style)) { found.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 20)}`); }
  }
  return found;
}
