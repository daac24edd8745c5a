// Tells the watch page that something was raised, so that it asks anew for what it shows. Without it the page asks by the clock.
const shown = document.getElementById("pressing");
// In a busy hour something is raised all the time, and each refresh reads every list and notes whose titles were shown.
const soonest = 15000;
let waiting = 0;
const stream = new EventSource("/api/v1/sla/stream?only=changes");
stream.addEventListener("changed", () => {
  waiting ||= setTimeout(() => {
    waiting = 0;
    document.getElementById("pressing").dispatchEvent(new Event("raised"));
  }, soonest);
});
for (const name of ["open", "error"]) {
  stream.addEventListener(name, () => shown.toggleAttribute("data-live", stream.readyState === EventSource.OPEN));
}
// Whatever else comes (the form to sign in, an error) takes no figure off the page: that these may be old by now is said above them.
const stale = document.getElementById("stale");
document.addEventListener("htmx:after:request", (event) => {
  stale.hidden = event.detail.ctx.text.includes('id="pressing"');
  if (!stale.hidden) event.preventDefault();
});
document.addEventListener("htmx:error", () => {
  stale.hidden = false;
});
addEventListener("pagehide", () => stream.close());
