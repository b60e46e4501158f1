// The page beyond loopback before anybody gave the token: fetches the same address with it, and becomes that page.

const form = document.querySelector("#token-form"), fault = document.querySelector("#token-fault");

async function open(token) {
  const answer = await fetch(location.href, { headers: { "X-Mockpos-Token": token, "HX-Request": "true" } });
  if (answer.status === 401) {
    sessionStorage.removeItem("mockpos-token");
    fault.textContent = "This is not the token of this server.";
    return;
  }
  sessionStorage.setItem("mockpos-token", token);
  const text = await answer.text();
  document.open();
  document.write(text);
  document.close();
}

form.querySelector("button").disabled = false;
const known = sessionStorage.getItem("mockpos-token");
if (known) open(known);
form.addEventListener("submit", (event) => { event.preventDefault(); open(document.querySelector("#token").value.trim()); });
