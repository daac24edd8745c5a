// Starts GOV.UK Frontend's components. Every page works without it.
import "./kept.js";
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
initAll();
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
// Alt and the letter wherever one types; browsers differ in what they make of an accesskey, which is for pages without scripts.
for (const button of document.querySelectorAll("button[accesskey]")) {
  const code = `Key${button.accessKey.toUpperCase()}`;
  button.accessKey = "";
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.code !== code) return;
    event.preventDefault();
    button.click();
  });
}
for (const all of document.querySelectorAll("[data-all]")) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.form.elements) if (box.name === "case") box.checked = all.checked;
  });
}
