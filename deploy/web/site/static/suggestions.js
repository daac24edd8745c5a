// Offers published answers while a title is typed. The form waits for nothing of it, and works without it.
const PAUSE_MS = 500;
const LONGEST_MS = 3000;
const LEAST = 8;

class Suggestions {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.seen = this.form.querySelector("#seen");
    this.title = this.form.elements.title;
    this.title.addEventListener("input", () => this.later());
    this.form.addEventListener("change", () => this.passes() && this.close());
    document.querySelector("#settled").addEventListener("submit", (event) => {
      event.target.elements.phone.value = this.form.elements.phone.value;
    });
    this.box.addEventListener("click", (event) => event.target.closest("[data-go-on]") && this.goOn());
  }

  later() {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  passes() {
    return this.form.elements.kind.value === "report" || this.form.elements.confidential.checked;
  }

  async ask() {
    const asked = this.title.value.trim();
    if (asked.length < LEAST || asked === this.asked || this.passes()) return;
    this.asked = asked;
    this.request?.abort();
    const request = (this.request = new AbortController());
    const limit = setTimeout(() => request.abort(), LONGEST_MS);
    try {
      const body = new URLSearchParams();
      for (const name of ["csrf", "_csrf", "title", "text", "kind"]) {
        const field = this.form.elements[name];
        if (field) body.set(name, field.value);
      }
      const answer = await fetch("/submit/suggestions", { method: "POST", body, signal: request.signal });
      if (answer.ok && request === this.request && !this.isClosed) this.show(await answer.text());
    } catch {
      // Nothing is offered then.
    } finally {
      clearTimeout(limit);
    }
  }

  show(html) {
    this.keepSeen();
    this.box.innerHTML = html;
  }

  // What was shown goes along with the message, also once something else is shown.
  keepSeen() {
    const known = new Set([...this.seen.children].map((input) => input.value));
    for (const input of this.box.querySelectorAll("input[name=seen]")) {
      if (!known.has(input.value)) this.seen.append(input);
    }
  }

  close() {
    this.isClosed = true;
    this.request?.abort();
    this.box.replaceChildren();
  }

  goOn() {
    this.keepSeen();
    this.tell();
    this.close();
    this.form.elements.text.focus();
  }

  // Counted for whoever tends the answers; nobody waits for it.
  tell() {
    const body = new URLSearchParams();
    for (const name of ["csrf", "_csrf"]) {
      const field = this.form.elements[name];
      if (field) body.set(name, field.value);
    }
    for (const input of this.box.querySelectorAll("input[name=item]")) body.append("item", input.value);
    fetch("/submit/not-solved", { method: "POST", body, keepalive: true }).catch(() => {});
  }
}

const box = document.querySelector("#suggestions:not([data-shown])");
if (box) new Suggestions(box);
