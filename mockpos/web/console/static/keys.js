// The keys of the console. Nothing is taken from somebody who is typing, nor from the browser's own shortcuts.

const GO = { i: "/", c: "/calls", n: "/numbers" };
const find = (selector) => document.querySelector(selector);
let went = 0;

function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent);
  const at = rows.indexOf(document.activeElement.closest("[data-row]"));
  rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))]?.focus();
}

// A presenter's buttons, and those that a clicker presses: each names its own keys.
function buttonFor(event) {
  const key = event.code === "Space" ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [...document.querySelectorAll("[data-press]")].find((each) => each.dataset.press.split(" ").includes(key));
}

export function keys({ pause, copy }) {
  const actions = {
    j: () => move(1), k: () => move(-1), ".": pause,
    "/": () => find("[data-search]")?.focus(),
    "?": () => find("#keys").showModal(),
    c: () => { if (find("[data-copy-curl]")) copy(find("[data-copy-curl]")); },
    r: () => find("[data-again]")?.click(),
    g: () => { went = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && find("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
    const button = buttonFor(event), goes = GO[event.key] && Date.now() - went < 1000;
    if (!button && !goes && !actions[event.key]) return;
    event.preventDefault();
    if (button) button.click();
    else if (goes) location.href = document.body.dataset.root + GO[event.key];
    else actions[event.key]();
  });
}
