// What happens before the page is ready: a pressed button waits for htmx, instead of leaving the page as a bare form.

const pressed = new Map();
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[hx-post]:not([data-htmx-powered])")) return;
  event.preventDefault();
  pressed.set(event.target, event.submitter);
});
document.addEventListener("htmx:after:init", ({ target }) => {
  if (pressed.has(target)) target.requestSubmit(pressed.get(target));
  pressed.delete(target);
});
document.addEventListener("change", (event) => {
  if (event.target.hasAttribute("data-submits")) event.target.form.requestSubmit();
});
