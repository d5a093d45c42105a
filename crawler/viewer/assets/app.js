"use strict";
// Keys, results by keyboard, and the live page. Every page works without this file.

const find = (selector) => document.querySelector(selector);

const keysAreOn = () => {
  try { return localStorage.getItem("keys") !== "off"; } catch { return true; }
};

const press = (element) => {
  if (!element) return false;
  if (element.tagName === "BUTTON") element.form.requestSubmit(element);
  else element.click();
  return true;
};

const step = (by) => {
  const hits = [...document.querySelectorAll("[data-hit]")];
  if (!hits.length) return false;
  const at = hits.indexOf(document.activeElement);
  hits[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : hits.length - 1) : at + by, 0), hits.length - 1)].focus();
  return true;
};

const act = (key) => {
  if (key === "?") return find("#keys").showModal(), true;
  if (key === "/") {
    const field = find("#q");
    if (field) field.focus(), field.select();
    else location.assign("/search");
    return true;
  }
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  return "npgbfo".includes(key) && press(find(`[data-key="${key}"]`));
};

document.addEventListener("keydown", (event) => {
  const inField = event.target.closest("input, textarea, select, dialog");
  if (event.ctrlKey || event.metaKey || event.altKey || inField || !keysAreOn()) return;
  if (event.key.length === 1 && act(event.key)) event.preventDefault();
});

for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal());
}

const keysOn = find("#keys-on");
keysOn.checked = keysAreOn();
keysOn.addEventListener("change", () => {
  try { localStorage.setItem("keys", keysOn.checked ? "on" : "off"); } catch { /* a private window forgets it */ }
});

// on a phone the menu is wider than the window; scrolling into view would move the place where Tab begins
const current = find(".top nav [aria-current]");
if (current) {
  const menu = current.closest("nav");
  menu.scrollLeft = current.offsetLeft - menu.offsetLeft - (menu.clientWidth - current.offsetWidth) / 2;
}

const live = find("[data-live]");
if (live) {
  const on = find("#live-on");
  const look = async () => {
    if (on.checked && !document.hidden) {
      try {
        const answer = await fetch(live.dataset.live);
        // our own page, escaped where it was made; never put in place while somebody's focus is inside
        if (answer.ok && !live.contains(document.activeElement)) live.innerHTML = (await answer.json()).html;
      } catch { /* the server was stopped; it may come back */ }
    }
    setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
}
