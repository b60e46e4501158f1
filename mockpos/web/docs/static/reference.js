// Starts Swagger UI on the document this server serves, with the key of the mock filled in.
"use strict";

const place = document.getElementById("swagger-ui");
const keys = JSON.parse(place.dataset.keys);
const STORED = "authorized"; // where Swagger UI keeps what a person entered

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const ui = SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: false,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null, // asks a public server by default
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  onComplete: () => {
    const entered = JSON.parse(localStorage.getItem(STORED) || "{}");
    for (const [scheme, value] of Object.entries(keys)) {
      if (!entered[scheme]) ui.preauthorizeApiKey(scheme, value);
    }
  },
});
