// What the console does in the browser beside htmx: the state of the stream, rows that do not move while somebody
// looks at them, countdowns, keys. Without it every page can still be read.

import { keys } from "./keys.js";
import "./files.js";

const body = document.body, MOST_ROWS = 100;
const find = (selector) => document.querySelector(selector);
document.documentElement.classList.add("scripts");

// The token of the control plane, where one is needed, goes with every fetch and stream.
document.addEventListener("htmx:config:request", (event) => {
  const token = sessionStorage.getItem("mockpos-token");
  if (token) event.detail.ctx.request.headers["X-Mockpos-Token"] = token;
});

// The stream and what it says about itself.
let reloaded = 0, paused = false, waiting = 0, sumSaid = 0, callsSince = 0, lastMessage = Date.now();
const baseTitle = document.title;

function show(state, words) {
  const live = find("#live");
  if (!live || (live.dataset.state === state && live.lastElementChild.textContent === words)) return;
  live.dataset.state = state;
  live.lastElementChild.textContent = words;
}

function say(words) { find("#said").textContent = words; }

function reload() {
  const parts = ["#listings", "#feed", "#totals", "#scenario", "#clock", "#lanes", "#numbers"].filter(find);
  if (!parts.length) return;
  reloaded = Date.now();
  const select = parts[0], others = parts.slice(1).map((part) => `${part}:outerHTML`).join(",");
  const source = find(select);
  if (others) source.setAttribute("hx-select-oob", others);
  htmx.ajax("GET", location.pathname + location.search, { source, target: select, select, swap: "outerMorph" });
}

document.addEventListener("server", (event) => {
  const server = JSON.parse(event.detail.data);
  if (server.version !== body.dataset.version) location.reload();
  else if (server.instance !== body.dataset.instance) { body.dataset.instance = server.instance; reload(); }
});
document.addEventListener("htmx:sse:after:connection", () => { show(paused ? "paused" : "on", paused ? "paused" : "live"); find("#alarm").textContent = ""; });
document.addEventListener("htmx:sse:error", () => { show("lost", "disconnected, trying again"); find("#alarm").textContent = "The connection to mockpos is lost."; });
document.addEventListener("htmx:sse:before:connection", (event) => { if (event.detail.connection.attempt > 1 && !document.hidden) show("lost", "disconnected, trying again"); });
document.addEventListener("htmx:sse:before:message", (event) => {
  const { event: name, data } = event.detail.message;
  lastMessage = Date.now();
  if (name) return;
  const calls = (data.match(/<li class="call /g) || []).length + Number((data.match(/<li class="skipped">\+(\d+)/) || [0, 0])[1]);
  callsSince += calls;
  if (paused) {
    waiting += calls;
    show("paused", waiting ? `paused, behind by ${waiting}` : "paused");
    event.detail.cancelled = true;
  }
});
document.addEventListener("htmx:sse:after:message", release);
document.addEventListener("listings-changed", () => { if (isBusy(find("#listings"))) find("#inventory-changed").hidden = false; else reload(); });

function pause() {
  paused = !paused;
  show(paused ? "paused" : "on", paused ? "paused" : "live");
  if (!paused) { waiting = 0; reload(); }
}

// New calls wait while somebody is looking at one.
function isBusy(place) {
  return Boolean(place && (place.contains(document.activeElement) || place.querySelector("details[open]") || (place.scrollTop > 4 && place.id === "feed")));
}

function release() {
  const fresh = find("#fresh"), feed = find("#feed"), button = find("#new-rows");
  if (fresh?.children.length && feed) {
    while (fresh.children.length > MOST_ROWS) fresh.lastElementChild.remove();
    if (isBusy(feed)) {
      button.textContent = `${fresh.children.length} new`;
      button.hidden = false;
      if (!paused) show("on", `live, behind by ${fresh.children.length}`);
    } else {
      if (!paused && find("#live")?.dataset.state === "on") show("on", "live");
      for (const row of fresh.children) row.classList.add("fresh-row");
      feed.prepend(...fresh.children);
      while (feed.children.length > MOST_ROWS) feed.lastElementChild.remove();
      button.hidden = true;
    }
  }
  if (fresh?.children.length && find("#lanes")) {
    const count = fresh.querySelectorAll(".call").length;
    button.textContent = `${count} new`;
    button.hidden = false;
    if (!isBusy(find("#lanes")) && Date.now() - reloaded > 2000) { fresh.replaceChildren(); reload(); }
  }
  if (find("#missed")?.textContent) { find("#missed").textContent = ""; reload(); }
  const held = find("#totals .h dd")?.firstChild.textContent.trim();
  document.title = held && held !== "0" ? `(${held} held) ${baseTitle}` : baseTitle;
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary");
  if (target?.id === "new-rows") { target.blur(); if (find("#feed")) { find("#feed").scrollTop = 0; release(); } else { find("#fresh").replaceChildren(); reload(); } }
  if (target?.id === "inventory-changed") { target.hidden = true; target.blur(); reload(); }
  if (target?.hasAttribute("data-keys")) find("#keys").showModal();
  if (target?.dataset.copy) copy(target);
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
});
document.addEventListener("change", (event) => { if (event.target.hasAttribute("data-submits")) event.target.form.requestSubmit(); });

async function copy(button) {
  await navigator.clipboard.writeText(find(button.dataset.copy).textContent);
  say("Copied.");
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
}

// Time: the sandbox's clock and what is left of each hold, once a second.
const began = Date.now(), startedAt = Number(body.dataset.now || began);
let offset = null;
function tick() {
  const state = find("#clock-state"), real = startedAt + Date.now() - began;
  if (offset === null) offset = Number(state?.dataset.offset || 0);
  const now = Number(state?.dataset.frozen || 0) || real + Number(state?.dataset.offset || 0) - offset;
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.max(0, Math.floor((Number(time.dataset.until) - now) / 1000));
    const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (time.textContent !== text) time.textContent = text;
  }
  const clock = find("[data-clock]");
  if (clock) clock.textContent = new Date(now).toISOString().slice(11, 19);
  if (Date.now() - lastMessage > 5000 && find("#rate")) find("#rate").textContent = "0.0";
  if (Date.now() - sumSaid > 5000 && callsSince) { say(`${callsSince} new calls.`); callsSince = 0; sumSaid = Date.now(); }
}
setInterval(tick, 1000);
tick();

// Messages go by themselves, those with something to undo later.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === 1) setTimeout(() => node.remove(), node.querySelector("button") ? 15000 : 5000);
}).observe(find("#toasts"), { childList: true });

keys({ pause, copy });
