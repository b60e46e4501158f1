// A broker's file dropped on the page of controls: keeps a snapshot, sends the file to the control plane's import, and
// shows every row that was bad. Exports beyond loopback are fetched with the token.

const token = () => sessionStorage.getItem("mockpos-token");
const headers = (more) => (token() ? { "X-Mockpos-Token": token(), ...more } : more);

function add(place, tag, text, name) {
  const made = place.appendChild(document.createElement(tag));
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function tell(place, told, ok) {
  place.replaceChildren();
  const counts = ["added", "updated", "unchanged", "dropped", "retired", "skipped"].filter((name) => told[name]);
  add(place, "p", ok ? `Imported: ${counts.map((name) => `${told[name]} ${name}`).join(", ") || "nothing new"}.` : told.detail, ok ? "good" : "faults");
  const rows = [...(told.bad_rows || []).map((row) => [`line ${row.line}`, row.reason]), ...(told.conflicts || []).map((row) => [row.remote_id, row.reason])];
  if (!rows.length) return;
  const body = add(add(add(place, "div", undefined, "scroll"), "table"), "tbody");
  for (const cells of rows.slice(0, 1000)) { const row = add(body, "tr"); for (const cell of cells) add(row, "td", cell); }
}

async function send(form, file) {
  const place = document.querySelector("#imported");
  const type = file.name.endsWith(".json") ? "application/json" : file.name.endsWith(".csv") ? "text/csv" : "text/tab-separated-values";
  place.textContent = "Importing…";
  await fetch(`${document.body.dataset.root}/act/snapshot`, { method: "POST", headers: headers({ "HX-Request": "true", "Content-Type": "application/x-www-form-urlencoded" }), body: "" });
  const query = new URLSearchParams({ mode: form.mode.value, skip_bad_rows: form.skip.checked });
  try {
    const answer = await fetch(`${form.dataset.url}?${query}`, { method: "POST", headers: headers({ "Content-Type": type }), body: file });
    tell(place, await answer.json(), answer.ok);
  } catch { place.textContent = "The file could not be sent."; }
}

const form = document.querySelector("#import-form");
if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form, form.file.files[0]); });
  for (const name of ["dragover", "dragleave", "drop"]) form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) send(form, event.dataTransfer.files[0]);
  });
}
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[download]");
  if (!link || !token()) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: headers({}) }), made = document.createElement("a");
  made.href = URL.createObjectURL(await answer.blob());
  made.download = link.download;
  made.click();
});
