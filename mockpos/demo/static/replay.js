// Shows the frames of a rehearsal one after the other; arrows and space move by chapter, as in the show.
const frames = JSON.parse(document.querySelector("#frames").textContent);
let at = 0, timer = 0;
function show() {
  document.querySelector("#frame").innerHTML = frames[at][1];
  document.querySelector("#where").textContent = `Replay, chapter ${frames[at][0] + 1}: arrow keys, space, 1 to 9.`;
  clearTimeout(timer);
  if (at + 1 < frames.length && frames[at + 1][0] === frames[at][0]) timer = setTimeout(() => { at += 1; show(); }, 900);
}
function go(chapter) {
  const found = frames.findIndex((frame) => frame[0] === chapter);
  if (found >= 0) { at = found; show(); }
}
document.addEventListener("keydown", (event) => {
  if (["ArrowRight", "PageDown", " "].includes(event.key)) { event.preventDefault(); go(frames[at][0] + 1); }
  if (["ArrowLeft", "PageUp"].includes(event.key)) { event.preventDefault(); go(Math.max(0, frames[at][0] - 1)); }
  if (/^[1-9]$/.test(event.key)) go(Number(event.key) - 1);
});
show();
