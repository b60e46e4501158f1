// A broker's file dropped on the page of controls: keeps a snapshot, sends the file to the control plane's import, and
// shows every row that was bad. Exports beyond loopback are fetched with the token.

const token = () => sessionStorage.getItem("mockpos-token");
const headers = (more) => (token() ? { "X-Mockpos-Token": token(), ...more } : more);
const TYPES = { json: "application/json", csv: "text/csv" };
const COUNTS = ["added", "updated", "unchanged", "dropped", "retired", "skipped"];

const line = (textContent, className) => Object.assign(document.createElement("p"), { textContent, className });

function tell(place, told, ok) {
  const counts = COUNTS.filter((name) => told[name]).map((name) => `${told[name]} ${name}`).join(", ");
  const bad = (told.bad_rows || []).map((row) => `line ${row.line}: ${row.reason}`);
  const conflicts = (told.conflicts || []).map((row) => `${row.remote_id}: ${row.reason}`);
  const rows = [...bad, ...conflicts, ...(told.warnings || [])];
  place.replaceChildren(line(ok ? `Imported: ${counts || "nothing new"}.` : told.detail, ok ? "good" : "faults"));
  place.append(...rows.slice(0, 1000).map((row) => line(row, "faults")));
}

async function send(form, file) {
  const place = document.querySelector("#imported");
  const type = TYPES[file.name.toLowerCase().split(".").pop()] || "text/tab-separated-values";
  const query = new URLSearchParams({ mode: form.mode.value, skip_bad_rows: form.skip.checked });
  const post = (url, body, more) => fetch(url, { method: "POST", body, headers: headers(more) });
  place.textContent = "Importing…";
  try {
    await post(`${document.body.dataset.root}/act/snapshot`, new URLSearchParams(), { "HX-Request": "true" });
    const answer = await post(`${form.dataset.url}?${query}`, file, { "Content-Type": type });
    tell(place, await answer.json(), answer.ok);
  } catch { place.textContent = "The file could not be sent."; }
}

const form = document.querySelector("#import-form");
for (const button of form?.querySelectorAll("button") || []) button.disabled = false;
form?.addEventListener("submit", (event) => { event.preventDefault(); send(form, form.file.files[0]); });
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[download]");
  if (!link || !token()) return;
  event.preventDefault();
  const answer = await fetch(link.href, { headers: headers({}) }), made = document.createElement("a");
  made.href = URL.createObjectURL(await answer.blob());
  made.download = link.download;
  made.click();
});
