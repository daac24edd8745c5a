// Says whom to call at once, as soon as a word of danger is typed that nobody denies; what is typed goes nowhere.
const box = document.getElementById("danger");
const page = box?.closest("main");

// A browser that is too old for such an expression shows once too often.
const expression = (source) => {
  try {
    return new RegExp(source, "g");
  } catch {
    return /$^/g;
  }
};
const denied = expression(box?.dataset.denied ?? "$^");
const clauses = expression(box?.dataset.clause ?? "[^]+");
const over = expression(box?.dataset.over ?? "$^");
const now = expression(box?.dataset.now ?? "$^");

// What nobody sees is no part of a word: as schemas/wording.py leaves it out.
const HIDDEN = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
// What shows a line; where a browser is too old for what must not stand beside a word, the words alone.
const shows = (source) => {
  try {
    return new RegExp(source);
  } catch {
    return new RegExp(source.replace(/\(\?<?[!=][^)]*\)/g, ""));
  }
};
const lines = [...(box?.querySelectorAll("[data-words]") ?? [])].map((line) => [line, shows(line.dataset.words)]);

// Right before what is typed in where the top of the page is out of sight by then, as on a telephone.
const bringTo = (field) => {
  const { top, bottom } = box.getBoundingClientRect();
  const group = field.closest("details") ?? field.closest(".govuk-form-group");
  if (!group || (top >= 0 && bottom <= window.innerHeight)) return;
  const before = field.getBoundingClientRect().top;
  group.before(box);
  // What is typed stays where it was, as far as the box does not leave the window then.
  const moved = field.getBoundingClientRect().top - before;
  window.scrollBy({ top: Math.min(moved, box.getBoundingClientRect().top), behavior: "instant" });
};

const look = (event) => {
  const typed = [...page.querySelectorAll("textarea, input[type=text]")].map((field) => field.value).join("\n");
  const told = typed.normalize("NFKC").replace(HIDDEN, "").replaceAll("’", "'").toLowerCase();
  // What its clause tells as over, asked for or only told is danger to nobody now.
  const isOver = (each) => each.search(over) >= 0 && each.search(now) < 0;
  const said = told.replace(clauses, (each) => (isOver(each) ? "\n" : each)).replace(denied, " ");
  let some = Boolean(box.querySelector("li:not([data-words])"));
  let more = false;
  for (const [line, word] of lines) {
    const isTold = word.test(said);
    more ||= isTold && line.hidden;
    line.hidden = !isTold;
    some ||= isTold;
  }
  if (box.hidden === some) box.hidden = !some;
  if (more && event) bringTo(event.target);
};

if (page && lines.length) {
  page.addEventListener("input", look);
  look();
}
