// Shows the frames of a rehearsal one after the other; arrows and space move by chapter, as in the show.
const frames = JSON.parse(document.querySelector("#frames").textContent);
const STEPS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 };
let at = 0, timer = 0;
function show(to) {
  at = to;
  document.querySelector("#frame").innerHTML = frames[at][1];
  document.querySelector("#where").textContent = `Replay, chapter ${frames[at][0] + 1}: arrow keys, space, 1 to 9.`;
  clearTimeout(timer);
  if (frames[at + 1]?.[0] === frames[at][0]) timer = setTimeout(show, 900, at + 1);
}
document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key], chapter = step ? Math.max(0, frames[at][0] + step) : Number(event.key) - 1;
  if (step) event.preventDefault();
  const found = frames.findIndex((frame) => frame[0] === chapter);
  if (found >= 0) show(found);
});
show(0);
