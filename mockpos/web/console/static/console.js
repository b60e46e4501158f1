// What the console does in the browser beside htmx: the state of the stream, rows that do not move while somebody
// looks at them, countdowns, keys. Without it every page can still be read.

import "./files.js";

const body = document.body, MOST_ROWS = 100;
const find = (selector) => document.querySelector(selector);
const say = (words) => { find("#said").textContent = words; };
document.documentElement.classList.add("scripts");

// The token of the control plane, where one is needed, goes with every fetch and stream.
document.addEventListener("htmx:config:request", (event) => {
  const token = sessionStorage.getItem("mockpos-token");
  if (token) event.detail.ctx.request.headers["X-Mockpos-Token"] = token;
});

// The stream and what it says about itself.
let reloaded = 0, rest = 2000, reloading = null, isStale = false, paused = false;
let waiting = 0, sumSaid = 0, callsSince = 0, lastMessage = Date.now();
const baseTitle = document.title;

function show(state, words) {
  const live = find("#live");
  live.dataset.state = state;
  if (live.lastElementChild.textContent !== words) live.lastElementChild.textContent = words;
}
const showConnected = (behind) => {
  show(paused ? "paused" : "on", (paused ? "paused" : "live") + (behind ? `, behind by ${behind}` : ""));
};

function reload() {
  const parts = ["#listings", "#feed", "#totals", "#scenario", "#clock", "#lanes", "#numbers", "#life", "#seats"].filter(find);
  if (!parts.length) return;
  [reloaded, isStale] = [Date.now(), false];
  find("#fresh")?.replaceChildren();  // what is fetched has them
  const [select, ...others] = parts, source = find(select);
  if (others.length) source.setAttribute("hx-select-oob", others.map((part) => `${part}:outerHTML`).join(","));
  reloading = htmx.ajax("GET", location.pathname + location.search, { source, target: select, select, swap: "outerMorph" });
}

// What took the server long to tell is asked for seldom.
document.addEventListener("htmx:after:request", ({ detail }) => {
  if (detail.ctx.select) rest = Math.min(15000, Math.max(2000, 100 * (Date.now() - reloaded)));
});
document.addEventListener("server", (event) => {
  const server = JSON.parse(event.detail.data);
  if (server.version !== body.dataset.version) location.reload();
  else if (server.instance !== body.dataset.instance) { body.dataset.instance = server.instance; reload(); }
});
document.addEventListener("htmx:sse:after:connection", () => { showConnected(waiting); find("#alarm").textContent = ""; });
document.addEventListener("htmx:sse:error", () => {
  show("lost", "disconnected, trying again");
  find("#alarm").textContent = "The connection to mockpos is lost.";
});
document.addEventListener("htmx:sse:before:message", (event) => {
  const { event: name, data } = event.detail.message;
  lastMessage = Date.now();
  event.detail.waitUntil(reloading);  // what is fetched may be older than this message
  if (name) return;
  const skipped = data.match(/<li class="skipped">\+(\d+)/), rows = data.match(/<li class="call /g) || [];
  const calls = rows.length + Number(skipped ? skipped[1] : 0);
  callsSince += calls;
  isStale = true;
  if (!paused) return;
  waiting += calls;
  showConnected(waiting);
  event.detail.cancelled = true;
});
document.addEventListener("htmx:sse:after:message", release);
document.addEventListener("listings-changed", () => {
  if (isBusy(find("#listings"))) find("#inventory-changed").hidden = false;
  else reload();
});

function pause() {
  paused = !paused;
  waiting = 0;
  showConnected();
  if (!paused) reload();
}

// New calls wait while somebody is looking at one.
function isBusy(place) {
  if (!place || place.contains(document.activeElement) || place.querySelector("details[open]")) return Boolean(place);
  return place.id === "feed" && place.scrollTop > 4;
}

// A feed takes in new rows that it does not have; what is no list of rows is fetched anew.
function release() {
  const fresh = find("#fresh"), feed = find("#feed"), place = feed || find("#lanes, #numbers, #life"), busy = isBusy(place);
  for (const row of feed && !busy ? [...fresh.children] : []) if (row.id && feed.querySelector(`#${row.id}`)) row.remove();
  const button = find("#new-rows"), count = fresh?.querySelectorAll(feed ? "li" : ".call").length;
  if (count && place) {
    trim(fresh);
    if (button) Object.assign(button, { textContent: `${count} new`, hidden: !busy && Boolean(feed) });
    if (feed && !paused && (busy || find("#live")?.dataset.state === "on")) showConnected(busy ? count : 0);
    if (feed && !busy) {
      for (const row of fresh.children) row.classList.add("fresh-row");
      feed.prepend(...fresh.children);
      trim(feed);
    }
  }
  if (!feed && place && isStale && !paused && !busy && Date.now() - reloaded > rest) reload();
  const held = find("#totals .h dd")?.firstChild.textContent.trim();
  document.title = held && held !== "0" ? `(${held} held) ${baseTitle}` : baseTitle;
}

function trim(list) { while (list.children.length > MOST_ROWS) list.lastElementChild.remove(); }

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary"), feed = find("#feed");
  if (target?.id === "new-rows" || target?.id === "inventory-changed") {
    target.hidden = true;
    target.blur();
    if (feed) feed.scrollTop = 0;
    if (target.id === "new-rows" && feed) release();
    else reload();
  }
  if (target?.hasAttribute("data-keys")) find("#keys").showModal();
  if (target?.dataset.copy) copy(target);
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
});

function copy(button) {  // as the browser's own command: navigator.clipboard is not there over plain HTTP beyond loopback
  getSelection().selectAllChildren(find(button.dataset.copy));
  say(document.execCommand("copy") ? "Copied." : "Not copied.");
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

// Time: the sandbox's clock and what is left of each hold, once a second.
const began = Date.now(), startedAt = Number(body.dataset.now || began);
let offset = null;
function tick() {
  const state = find("#clock-state"), moved = Number(state?.dataset.offset || 0), clock = find("[data-clock]");
  offset ??= moved;
  const now = Number(state?.dataset.frozen || 0) || startedAt + Date.now() - began + moved - offset;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.max(0, Math.floor((Number(time.dataset.until) - now) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
  }
  if (!paused) release();
  if (clock) clock.textContent = new Date(now).toISOString().slice(11, 19);
  if (Date.now() - lastMessage > 5000 && find("#rate")) find("#rate").textContent = "0.0";
  if (Date.now() - sumSaid < 5000 || !callsSince) return;
  say(`${callsSince} new calls.`);
  [callsSince, sumSaid] = [0, Date.now()];
}
setInterval(tick, 1000);
tick();

// Messages go by themselves, those with something to undo later.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.nodeType === 1) setTimeout(() => node.remove(), node.querySelector("button") ? 15000 : 5000);
  }
}).observe(find("#toasts"), { childList: true });

// Keys. Nothing is taken from somebody who is typing, nor from the browser's own shortcuts.
const GO = { i: "/", c: "/calls", n: "/numbers" };
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

const actions = {
  j: () => move(1), k: () => move(-1), ".": pause,
  "/": () => find("[data-search]")?.focus(),
  "?": () => find("#keys")?.showModal(),
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
