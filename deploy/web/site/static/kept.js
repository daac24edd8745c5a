// Keeps in this tab what is being written: going back, or loading the page anew, loses nothing of it. A page that is opened
// afresh begins as the server sent it; what was taken is forgotten, and everything is at signing out.
const PREFIX = "kept ";
const came = performance.getEntriesByType("navigation")[0]?.type;
const isBack = came === "reload" || came === "back_forward";
const TELLS_APART = ["action", "kind", "number", "tracking_code"];

const forms = [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector("textarea"));
const isTyped = (field) => field.matches("textarea, select, input:not([type=hidden], [type=file], [type=password])");
const isChosen = (field) => field.matches("[type=checkbox], [type=radio]");
const nameOf = (field) => (isChosen(field) ? `${field.name}=${field.value}` : field.name);

// Several forms of a page may go to one address: what is hidden in them tells them apart.
function keyOf(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden]")].filter((one) => TELLS_APART.includes(one.name));
  return PREFIX + [form.getAttribute("action"), ...hidden.map((one) => one.value)].join(" ");
}

const keptOf = (form) => JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "{}");

// Only what was touched: what the server proposes may be another by then.
function keep(form, touched) {
  if (!isTyped(touched)) return;
  const typed = keptOf(form);
  for (const field of [...form.elements].filter((one) => one.name === touched.name && isTyped(one))) {
    typed[nameOf(field)] = isChosen(field) ? field.checked : field.value;
  }
  sessionStorage.setItem(keyOf(form), JSON.stringify(typed));
}

function giveBack(form) {
  const typed = keptOf(form);
  for (const field of [...form.elements].filter((one) => isTyped(one) && nameOf(one) in typed)) {
    if (isChosen(field)) field.checked = typed[nameOf(field)];
    else field.value = typed[nameOf(field)];
    field.closest("details")?.setAttribute("open", "");
  }
}

// What belongs to this page: a form that was taken may be on it no more.
function forget() {
  for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX))) {
    const [action] = key.slice(PREFIX.length).split(" ");
    if ([action, action.replace(/\/[^/]*$/, "")].includes(location.pathname)) sessionStorage.removeItem(key);
  }
}

function begin() {
  if (!isBack && !document.querySelector("[data-module=govuk-error-summary]")) forget();
  for (const form of forms) {
    if (isBack) giveBack(form);
    form.addEventListener("input", (event) => keep(form, event.target));
    // The answer to a form, loaded anew or gone back to, would ask whether to send it again: it is the page that it stands on.
    const { home } = form.dataset;
    if (home) history.replaceState(null, "", location.pathname === home ? location.href : home);
  }
  document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => sessionStorage.clear());
}

try {
  begin();
} catch (error) {
  // A browser that keeps nothing (its storage is closed): the forms work as before.
  if (!(error instanceof DOMException)) throw error;
}
