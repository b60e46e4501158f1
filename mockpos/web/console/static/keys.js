// The keys of the console. Nothing is taken from somebody who is typing, nor from the browser's own shortcuts.

const GO = { i: "/", c: "/calls", n: "/numbers" };
let went = 0;

function rows() { return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent); }

function move(step) {
  const all = rows(), at = all.indexOf(document.activeElement.closest("[data-row]"));
  all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))]?.focus();
}

export function keys({ pause, copy }) {
  const press = (selector) => { const target = document.querySelector(selector); if (target) target.click(); };
  const actions = {
    j: () => move(1), k: () => move(-1), ".": pause,
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => document.querySelector("#keys").showModal(),
    c: () => { const button = document.querySelector("[data-copy-curl]"); if (button) copy(button); },
    r: () => press("[data-again]"),
    g: () => { went = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { document.querySelectorAll("details.menu[open]").forEach((open) => { open.open = false; open.querySelector("summary").focus(); }); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    if (GO[event.key] && Date.now() - went < 1000) { location.href = document.body.dataset.root + GO[event.key]; event.preventDefault(); return; }
    if (actions[event.key]) { actions[event.key](); event.preventDefault(); }
  });
}

// A presenter's keys, and those a clicker sends: each button names its own.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const key = event.code === "Space" ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const button = [...document.querySelectorAll("[data-press]")].find((each) => each.dataset.press.split(" ").includes(key));
  if (button) { event.preventDefault(); event.stopImmediatePropagation(); button.click(); }
}, true);
