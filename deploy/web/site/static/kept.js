// Keeps in this tab, by address, what is being written: going back, loading the page anew or in another language loses nothing
// of it. A page that is opened afresh begins as the server sent it. What was sent is forgotten once the server has taken it: it
// then leads to another page, or says so (data-taken). Nothing outlives the browser's session with us (data-browser) or its idle
// time (data-idle, seconds), and nothing is kept of a form that asks for secrecy. Of files that were uploaded their ids are kept,
// and their names.
const PREFIX = "kept ";
const { browser, idle } = document.documentElement.dataset;
// Hidden fields that differ each time, or are secret; all others tell forms of one address apart.
const CHANGING = ["csrf", "version", "nonce", "step", "attachments", "publish_files", "offered", "seen", "unscripted", "access_code", "list"];

const forms = [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector("textarea, [data-files]"));
const isTyped = (field) => field.matches("textarea, select, input:not([type=hidden], [type=file], [type=password])");
const isChosen = (field) => field.matches("[type=checkbox], [type=radio]");
const nameOf = (field) => (isChosen(field) ? `${field.name}=${field.value}` : field.name);
const typedIn = (form) => [...form.elements].filter(isTyped);
const isSecret = (form) => form.querySelector("[name=confidential]:checked");
// No field is called so.
const FILES = "[files]";

function keyOf(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden]")].filter((one) => !CHANGING.includes(one.name));
  return [form.getAttribute("action"), ...hidden.map((one) => `${one.name}=${one.value}`)].join(" ");
}

const place = () => PREFIX + location.pathname + location.search;
const stored = () => Object.keys(sessionStorage).filter((one) => one.startsWith(PREFIX));
const read = (at) => JSON.parse(sessionStorage.getItem(at)) ?? { forms: {} };

function write(at, kept) {
  if (!kept.answers && !Object.keys(kept.forms).length) sessionStorage.removeItem(at);
  else sessionStorage.setItem(at, JSON.stringify(kept));
}

// Only what was touched: what the server proposes may be another by then.
function keep(form, fields) {
  const kept = { ...read(place()), browser, at: Date.now() };
  const typed = (kept.forms[keyOf(form)] ??= {});
  for (const field of fields) typed[nameOf(field)] = isChosen(field) ? field.checked : field.value;
  if (form.querySelector("[data-files]")) typed[FILES] = filesOf(form);
  if (isSecret(form)) delete kept.forms[keyOf(form)];
  write(place(), kept);
}

function filesOf(form) {
  const lines = [...form.querySelectorAll("[data-files] > li")].filter((line) => line.querySelector("[name=attachments]"));
  return lines.map((line) => ({
    id: line.querySelector("[name=attachments]").value,
    name: line.dataset.name ?? line.querySelector("label").textContent.trim(),
    publish: line.querySelector("[name=publish_files]")?.checked,
  }));
}

// As the server would show them, for attachments.js to find.
function giveBackFiles(form, files) {
  const list = form.querySelector("[data-files]");
  list?.replaceChildren(...files.map((file) => lineOf(file, list.closest("[data-attachments]").dataset.publish)));
  if (files.length) list?.closest("details")?.setAttribute("open", "");
}

function lineOf({ id, name, publish }, words) {
  const line = document.createElement("li");
  line.append(choice("attachments", id, true, name));
  if (publish !== undefined) line.append(" ", choice("publish_files", id, publish, words));
  return line;
}

function choice(name, value, checked, words) {
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name, value, checked });
  label.append(box, ` ${words}`);
  return label;
}

function giveBack(form, typed = {}) {
  if (typed[FILES]) giveBackFiles(form, typed[FILES]);
  for (const field of typedIn(form).filter((one) => nameOf(one) in typed)) {
    if (isChosen(field)) field.checked = typed[nameOf(field)];
    else field.value = typed[nameOf(field)];
    field.closest("details")?.setAttribute("open", "");
  }
}

function forget(key) {
  for (const at of stored()) {
    const kept = read(at);
    delete kept.forms[key];
    if (kept.answers === key) delete kept.answers;
    write(at, kept);
  }
}

// Another's, or too old; whoever signs in may be another.
function dropOld() {
  const isSignIn = document.querySelector("main form[action='/sign-in']");
  for (const at of stored()) {
    const kept = read(at);
    if (isSignIn || kept.browser !== browser || Date.now() - kept.at > idle * 1000) sessionStorage.removeItem(at);
  }
}

// The answer to a form that was not taken. Loaded anew, or gone back to, it would ask whether to send the form again: it becomes
// the page that it stands on, unless something of it would be lost there. So does a preview of what was typed (data-previews).
function stay(answers) {
  const preview = document.querySelector("main form[data-previews]");
  if (preview) {
    history.replaceState(null, "", preview.dataset.previews);
    const typed = [...preview.elements].filter((one) => one.name && !CHANGING.includes(one.name));
    const kept = read(place());
    kept.forms[answers] = Object.fromEntries(typed.map((one) => [one.name, one.value]));
    write(place(), kept);
  }
  const form = forms.find((one) => keyOf(one) === answers && one.dataset.home && !isSecret(one));
  if (form) {
    const { home } = form.dataset;
    const came = place();
    history.replaceState(null, "", location.pathname === home ? location.href : home);
    move(came);
    keep(form, typedIn(form));
  }
  write(place(), { ...read(place()), browser, at: Date.now(), answers });
}

// Which form this page answers, while it is not taken. A page without forms of its own (a preview) passes it on.
function answered() {
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  const [came] = performance.getEntriesByType("navigation");
  const isBack = came.type === "back_forward";
  const answers = (isBack ? null : sent) ?? (isBack || came.type === "reload" ? read(place()).answers : null);
  const isTaken = document.querySelector("[data-taken]") || (sent && !isBack && came.redirectCount);
  if (answers && isTaken) forget(answers);
  else if (answers) return answers;
  return null;
}

// The same page in another language, with larger letters, or with what was asked for on it (data-same): nobody opened it afresh. Where it stood before; null where it is
// another. A page that answers a form may come back at another address than it was kept by.
function switchedFrom() {
  const { from, to } = JSON.parse(sessionStorage.getItem("switch")) ?? {};
  sessionStorage.removeItem("switch");
  return to === place() ? from : null;
}

function switches(address) {
  const { pathname, search } = new URL(address, location.href);
  sessionStorage.setItem("switch", JSON.stringify({ from: place(), to: PREFIX + pathname + search }));
}

function follows(event) {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) switches(location.href);
}

// What was kept of this page under another address.
function move(from) {
  if (from === place() || !sessionStorage.getItem(from)) return;
  const kept = read(from);
  sessionStorage.removeItem(from);
  write(place(), { ...kept, forms: { ...read(place()).forms, ...kept.forms } });
}

// Of this page, as it was kept there.
function bringBack(from) {
  move(from);
  for (const form of forms) giveBack(form, read(place()).forms[keyOf(form)]);
}

function begin() {
  if (!browser) return;
  dropOld();
  const { type } = performance.getEntriesByType("navigation")[0];
  const answers = answered();
  const isAgain = type === "reload" || type === "back_forward";
  const from = isAgain ? place() : switchedFrom();
  if (from) bringBack(from);
  else if (!answers) sessionStorage.removeItem(place());
  if (answers && !isAgain) stay(answers);
  for (const form of forms) {
    form.addEventListener("files", () => keep(form, []));
    form.addEventListener("input", ({ target }) => keep(form, typedIn(form).filter((one) => one.name === target.name)));
  }
  document.addEventListener("submit", ({ target, submitter }) => {
    if (["_lang", "_size"].includes(submitter?.name) || "same" in target.dataset) switches(target.getAttribute("action"));
    const sent = forms.includes(target) ? keyOf(target) : answers;
    if (sent && target.getAttribute("method") === "post") sessionStorage.setItem("sent", sent);
  });
  for (const link of document.querySelectorAll("header a[href^='/preferences']")) link.addEventListener("click", follows);
  document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => sessionStorage.clear());
}

try {
  begin();
} catch (error) {
  // A browser that keeps nothing (its storage is closed): the forms work as before.
  if (!(error instanceof DOMException)) throw error;
}
