// Opens what a link leads to: a scenario's file, the group it stands in, the commands of a magic Remote ID.
"use strict";

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const inside = target.matches("tbody") ? target.querySelectorAll("details") : [];
  for (const details of inside) details.open = true;
  for (let place = target; place; place = place.parentElement) {
    if (place.matches("details")) place.open = true;
  }
  target.scrollIntoView();
}

window.addEventListener("hashchange", openTarget);
openTarget();
