// Says whom to call at once, as soon as a word of danger is typed that nobody denies; what is typed goes nowhere.
const box = document.getElementById("danger");
const form = box?.closest("main")?.querySelector("form");

// A browser that is too old for such an expression shows once too often.
const expression = (source) => {
  try {
    return new RegExp(source, "g");
  } catch {
    return /$^/g;
  }
};
const denied = expression(box?.dataset.denied ?? "$^");

// What nobody sees is no part of a word.
const INVISIBLE = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;

const look = () => {
  const typed = [...form.querySelectorAll("textarea, input[type=text]")].map((field) => field.value).join("\n");
  const said = typed.normalize("NFKC").replace(INVISIBLE, "").replaceAll("’", "'").toLowerCase().replace(denied, " ");
  let some = false;
  for (const line of box.querySelectorAll("[data-words]")) {
    line.hidden = !line.dataset.words.split("|").some((word) => said.includes(word));
    some ||= !line.hidden;
  }
  if (box.hidden === some) box.hidden = !some;
};

if (form) {
  form.addEventListener("input", look);
  look();
}
