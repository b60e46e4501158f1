// Shows the frames of a rehearsal one after the other; arrows and space move by chapter, as in the show.
const frames = JSON.parse(document.querySelector("#frames").textContent);
const next = ["ArrowRight", "PageDown", " "], back = ["ArrowLeft", "PageUp"];
let at = 0, timer = 0;
function show() {
  document.querySelector("#frame").innerHTML = frames[at][1];
  document.querySelector("#where").textContent = `Replay, chapter ${frames[at][0] + 1}: arrow keys, space, 1 to 9.`;
  clearTimeout(timer);
  if (frames[at + 1]?.[0] === frames[at][0]) timer = setTimeout(() => { at += 1; show(); }, 900);
}
document.addEventListener("keydown", ({ key }) => {
  const step = next.includes(key) ? 1 : back.includes(key) ? -1 : 0, now = frames[at][0];
  const found = frames.findIndex((frame) => frame[0] === (/^[1-9]$/.test(key) ? Number(key) - 1 : now + step));
  if (found >= 0 && (step || /^[1-9]$/.test(key))) { at = found; show(); }
});
show();
