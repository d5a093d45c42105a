// What a user of a screen reader, of a keyboard or of a phone would stumble over on a page, one line each.
() => {
  const faults = [];
  const say = (what, element) => faults.push(what + ": " + element.outerHTML.slice(0, 120));
  const shown = (element) => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const name = (element) => (element.getAttribute("aria-label")
    || (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.innerText || "").join(" ")
    || [...(element.labels || [])].map((label) => label.textContent).join(" ")
    || element.textContent || element.title || "").trim();
  // names
  for (const one of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, iframe, summary, svg[role=img], nav, form[role=search] input")) {
    if (shown(one) && !name(one)) say("no name", one);
  }
  // one main, one h1, headings without a gap, a language, a title, a way past the menu
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  let level = 0;
  for (const one of document.querySelectorAll("main :is(h1, h2, h3, h4)")) {
    if (+one.tagName[1] > level + 1) say("heading after a gap", one);
    level = +one.tagName[1];
  }
  if (!document.documentElement.lang || !document.title) faults.push("no language or no title");
  if (!document.querySelector("body > a[href='#main']")) faults.push("no way past the menu");
  // ids, references, tables, order of focus
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) faults.push("id twice: " + id);
  for (const one of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")) {
    for (const at of ["aria-labelledby", "aria-describedby", "for"]) {
      for (const id of (one.getAttribute(at) || "").split(" ").filter(Boolean)) if (!document.getElementById(id)) say("refers to nothing", one);
    }
  }
  for (const one of document.querySelectorAll("table")) if (!one.querySelector("thead th[scope=col]")) say("table without headings", one);
  for (const one of document.querySelectorAll("[tabindex]")) if (one.tabIndex > 0) say("own order of focus", one);
  for (const one of document.querySelectorAll("*")) {
    const style = getComputedStyle(one);
    if (/auto|scroll/.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1 && one.tabIndex < 0 && !one.querySelector("a, button, input") && shown(one)) say("scrolls, but not by keys", one);
  }
  // contrast: WCAG 2.2, 1.4.3
  const colour = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const found = colour(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !shown(one) || one.closest(".hidden, .skip")) continue;
    const style = getComputedStyle(one), size = parseFloat(style.fontSize);
    const [a, b] = [light(colour(style.color)), light(ground(one))].sort((x, y) => y - x);
    const wanted = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700) ? 3 : 4.5;
    if ((a + 0.05) / (b + 0.05) < wanted) say("contrast " + ((a + 0.05) / (b + 0.05)).toFixed(2), one);
  }
  // what is touched: WCAG 2.2, 2.5.8, but for links inside a line
  for (const one of document.querySelectorAll("button, select, summary, input:not([type=hidden]):not([type=checkbox])")) {
    const box = one.getBoundingClientRect();
    if (shown(one) && (box.height < 24 || box.width < 24)) say("small to touch", one);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push("wider than the window by " + (document.documentElement.scrollWidth - innerWidth));
  return faults;
}
