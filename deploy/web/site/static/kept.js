// Keeps in this tab, by form, what is being written: going back, or loading the page anew or in another language, loses nothing of
// it; sending another form of the page, no words of it. Staff find it in that case's form whenever they open the case again; any other
// page that is opened afresh begins as the server sent it. A choice is about what was read: it is given back for the version that it
// was made at, and no other; of a form without a version, where its page is loaded anew or gone back to. An entry's words are so, too:
// they would take the place of what another saved. What was typed at another version stands beside its form, to be copied. What was sent is forgotten once the server has taken it: it then leads to another
// page, or says so (data-taken). Nothing outlives the browser's session with us (data-browser) or its idle time (data-idle,
// seconds), and nothing is kept of a form that asks for secrecy. Of files that were uploaded their ids are kept, and their names.
const FORM = "kept ";
// Which form a page answers, while it is not taken.
const PAGE = "answers ";
const { browser, idle } = document.documentElement.dataset;
const isStaff = document.body.classList.contains("staff");
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
// Hidden fields that differ each time (data-changing, where they do so in that form alone), or are secret; all others tell forms
// of one address apart.
const CHANGING = ["csrf", "version", "nonce", "step", "attachments", "publish_files", "offered", "seen", "unscripted", "access_code", "list"];
const isChanging = (field) => CHANGING.includes(field.name) || "changing" in field.dataset;
// Given back with the text: under its id a try that is repeated, its answer lost, writes no second one.
const idsIn = (form) => [...form.elements].filter((one) => "changing" in one.dataset);

// The form that this page answers, if it was not taken: what it holds was sent.
let answers = null;
const forms = [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector("textarea, [data-files]"));
const isTyped = (field) => field.matches("textarea, select, input:not([type=hidden], [type=file], [type=password])");
const isChosen = (field) => field.matches("[type=checkbox], [type=radio]");
// What decides, where no words say about what.
const isChoice = (field) => isChosen(field) || field.matches("select, [type=date], [type=number]");
const versionOf = (form) => form.querySelector("[name=version]")?.value;
const saidIn = (field) => (isChosen(field) ? field.checked : field.value);
const nameOf = (field) => (isChosen(field) ? `${field.name}=${field.value}` : field.name);
const isOfEntry = (key) => key.includes("/entries/");
const typedIn = (form) => [...form.elements].filter(isTyped);
const isSecret = (form) => form.querySelector("[name=confidential]:checked");
// No field is called so.
const FILES = "[files]";

// Of the fields that it sends: an answer that is shown inside of it (suggestions.js) has some of another form.
function keyOf(form) {
  const hidden = [...form.elements].filter((one) => one.type === "hidden" && !isChanging(one));
  return [form.getAttribute("action"), ...hidden.map((one) => `${one.name}=${one.value}`)].join(" ");
}

const place = () => location.pathname + location.search;
const stored = () => Object.keys(sessionStorage).filter((one) => one.startsWith(FORM) || one.startsWith(PAGE));
const read = (at) => JSON.parse(sessionStorage.getItem(at)) ?? {};
const write = (at, kept) => sessionStorage.setItem(at, JSON.stringify({ ...kept, browser, at: Date.now() }));

// Only what was touched, at which version, and each text with what the server proposed for it: that may be another by then.
function keep(form, fields) {
  const key = keyOf(form);
  const { typed = {}, proposed = {}, versions = {}, before } = read(FORM + key);
  for (const field of fields) {
    typed[nameOf(field)] = saidIn(field);
    versions[nameOf(field)] = versionOf(form);
    // A form that was refused holds what was typed, and no proposal.
    if (key !== answers) proposed[nameOf(field)] = field.defaultValue;
  }
  for (const field of idsIn(form)) typed[field.name] = field.value;
  if (form.querySelector("[data-files]")) typed[FILES] = filesOf(form);
  if (isSecret(form)) sessionStorage.removeItem(FORM + key);
  else write(FORM + key, { typed, proposed, versions, before, place: place() });
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

// Of a form without a version nobody knows what its choices were about once it is opened afresh.
function giveBack(form, isSame) {
  const key = keyOf(form);
  const { typed = {}, proposed, versions = {} } = read(FORM + key);
  const version = versionOf(form);
  const isAtVersion = (field) => versions[nameOf(field)] === version;
  const isMeant = (field) => (isChoice(field) ? (isSame || version) && isAtVersion(field) : !isOfEntry(key) || isAtVersion(field));
  if (isOfEntry(key)) putAside(form, (field) => !isChoice(field) && !isMeant(field));
  if (typed[FILES]) giveBackFiles(form, typed[FILES]);
  for (const field of idsIn(form)) field.value = typed[field.name] ?? field.value;
  for (const field of typedIn(form).filter((one) => nameOf(one) in typed && isMeant(one))) {
    const name = nameOf(field);
    const shown = saidIn(field);
    if (isChosen(field)) field.checked = typed[name];
    else field.value = key === answers ? typed[name] : withProposal(field, typed[name], proposed?.[name]);
    if (saidIn(field) !== shown) field.closest("details")?.setAttribute("open", "");
  }
}

// Words of an older version go out of the form, and stay in sight until it is taken or opened afresh.
function putAside(form, isOlder) {
  const at = FORM + keyOf(form);
  const kept = read(at);
  const { typed = {}, before = [] } = kept;
  for (const field of typedIn(form).filter((one) => nameOf(one) in typed && isOlder(one))) {
    const said = typed[nameOf(field)];
    const isThere = before.some(([label, text]) => label === labelOf(field) && text === said);
    if (said.trim() && said !== field.value && !isThere) before.push([labelOf(field), said]);
    delete typed[nameOf(field)];
  }
  if (!before.length) return;
  write(at, { ...kept, typed, before });
  const beside = document.querySelector("[data-typed-before]");
  beside.hidden = false;
  for (const [label, said] of before) {
    beside.append(paragraph("quiet", label, document.documentElement.lang), paragraph("govuk-body written", said, "zh"));
  }
}

const labelOf = (field) => field.labels[0].textContent.trim();
const paragraph = (className, textContent, lang) => Object.assign(document.createElement("p"), { className, textContent, lang });

// What the server proposes now and did not before comes behind it, as near.js puts it there.
function withProposal(field, typed, before = field.defaultValue) {
  const now = field.defaultValue;
  const isNew = field.matches("textarea") && now !== before && !typed.includes(now);
  return isNew ? [typed, now].filter(Boolean).join("\n\n") : typed;
}

function forget(key) {
  for (const at of stored()) if (at === FORM + key || read(at).key === key) sessionStorage.removeItem(at);
}

// Whether it is about the same, whenever it is opened: an entry's text may be another's by then, and is all that there is to write.
const isOfCase = (key) => isStaff && ID.test(key) && !isOfEntry(key);

function forgetHere() {
  sessionStorage.removeItem(PAGE + place());
  const here = forms.map((form) => FORM + keyOf(form));
  const others = stored().filter((at) => !isOfCase(at));
  for (const at of others) if (here.includes(at) || read(at).place === place()) sessionStorage.removeItem(at);
}

// Another's, or too old; whoever signs in may be another.
function dropOld() {
  const isSignIn = document.querySelector("main form[action='/sign-in']");
  for (const at of stored()) {
    const kept = read(at);
    if (isSignIn || kept.browser !== browser || Date.now() - kept.at > idle * 1000) sessionStorage.removeItem(at);
    // Whoever sees a page of staff is not idle, whatever it is of.
    else if (isStaff) write(at, kept);
  }
}

// The answer to a form that was not taken. Loaded anew, or gone back to, it would ask whether to send the form again: it becomes
// the page that it stands on, unless something of it would be lost there. So does a preview of what was typed (data-previews).
function stay() {
  const preview = document.querySelector("main form[data-previews]");
  if (preview) {
    history.replaceState(null, "", preview.dataset.previews);
    const shown = [...preview.elements].filter((one) => one.name && !CHANGING.includes(one.name));
    const kept = read(FORM + answers);
    write(FORM + answers, { ...kept, typed: { ...kept.typed, ...Object.fromEntries(shown.map((one) => [one.name, one.value])) } });
  }
  const form = forms.find((one) => keyOf(one) === answers && one.dataset.home && !isSecret(one));
  if (form) {
    const { home } = form.dataset;
    history.replaceState(null, "", location.pathname === home ? location.href : home);
    keep(form, typedIn(form));
  }
  write(PAGE + place(), { key: answers, place: place() });
}

// Which form this page answers, while it is not taken. A page without forms of its own (a preview) passes it on.
function answered(sent, { type, redirectCount }) {
  const isKnown = type === "back_forward" || type === "reload";
  const key = sent ?? (isKnown ? read(PAGE + place()).key : null);
  const isTaken = document.querySelector("[data-taken]") || (sent && redirectCount);
  if (key && isTaken) forget(key);
  return key && !isTaken ? key : null;
}

// The same page in another language, with larger letters, or with what was asked for on it (data-same): nobody opened it afresh.
function isSwitched() {
  const to = sessionStorage.getItem("switch");
  sessionStorage.removeItem("switch");
  return to === place();
}

function switches(address) {
  const { pathname, search } = new URL(address, location.href);
  sessionStorage.setItem("switch", pathname + search);
}

function follows(event) {
  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) switches(location.href);
}

// The form that was sent last, by going on from its page.
function justSent({ type }) {
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  return type === "back_forward" ? null : sent;
}

function begin() {
  if (!browser) return;
  dropOld();
  const [came] = performance.getEntriesByType("navigation");
  const sent = justSent(came);
  answers = answered(sent, came);
  const isAgain = came.type === "reload" || came.type === "back_forward";
  const isSame = isSwitched() || isAgain;
  const isKept = (key) => isSame || (key !== answers && (sent || isOfCase(key)));
  for (const form of forms) if (isKept(keyOf(form))) giveBack(form, isSame);
  if (!isSame && !sent) forgetHere();
  if (answers && !isAgain) stay();
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
