// Uploads the files of a form one by one, with progress, while the rest is still being typed. Without it the form brings
// them along when it is sent.
const TRIES = 3;
const PAUSE_MS = 1500;

class Uploads {
  constructor(box) {
    this.box = box;
    this.words = box.dataset;
    this.list = box.querySelector("[data-files]");
    this.status = box.querySelector("[data-status]");
    this.form = box.closest("form");
    this.waiting = [];
    this.running = null;
    for (const input of box.querySelectorAll("input[type=file]")) {
      input.removeAttribute("name");
      input.addEventListener("change", () => this.choose(input));
    }
    const camera = box.querySelector("[data-camera]");
    if (camera && matchMedia("(pointer: coarse)").matches) camera.hidden = false;
    for (const line of this.list.children) this.removable(line);
    // Files go by themselves: what is left of the form is text.
    this.form.enctype = "application/x-www-form-urlencoded";
    this.form.addEventListener("submit", (event) => this.hold(event), true);
    addEventListener("online", () => {
      for (const button of this.list.querySelectorAll("[data-again]")) button.click();
    });
  }

  choose(input) {
    for (const file of input.files) this.add(file);
    input.value = "";
  }

  add(file) {
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", `${this.words.uploading} ${file.name}`);
    const said = document.createElement("span");
    line.append(name, " ", progress, " ", said);
    this.list.append(line);
    const upload = { file, line, progress, said, tries: 0, request: null };
    this.removable(line, upload);
    const refusal = this.refusal(file);
    if (refusal) this.fail(upload, refusal, false);
    else this.enqueue(upload);
  }

  refusal(file) {
    const taken = [...this.list.children].filter((line) => !line.querySelector("[role=alert]"));
    if (taken.length > Number(this.words.most)) return this.words.tooMany;
    if (file.size > Number(this.words.mostBytes)) return this.words.tooLarge;
    return file.size === 0 ? this.words.empty : "";
  }

  enqueue(upload) {
    this.waiting.push(upload);
    this.next();
  }

  next() {
    if (this.running || this.waiting.length === 0) {
      if (!this.running) this.tell();
      return;
    }
    this.running = this.waiting.shift();
    this.send(this.running);
    this.tell();
  }

  send(upload) {
    const request = (upload.request = new XMLHttpRequest());
    upload.tries += 1;
    request.open("POST", `/api/v1/attachments?name=${encodeURIComponent(upload.file.name.slice(-255))}`);
    // The same file sent twice is one: a connection that broke costs nothing but time.
    request.setRequestHeader("Idempotency-Key", this.words.key);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) upload.progress.value = event.loaded / event.total;
    };
    request.onload = () => this.answered(upload, request);
    request.onerror = () => this.broken(upload);
    request.send(upload.file);
  }

  answered(upload, request) {
    if (request.status === 201) this.done(upload, JSON.parse(request.responseText));
    else if (request.status === 429 || request.status >= 500) return this.broken(upload, this.reason(request));
    else this.fail(upload, this.reason(request), false);
    this.ended(upload);
  }

  reason(request) {
    try {
      const problem = JSON.parse(request.responseText);
      const [first] = problem.errors ?? [];
      return first?.reason ?? problem.detail ?? problem.title;
    } catch {
      return this.words.failed;
    }
  }

  broken(upload, reason = this.words.failed) {
    if (upload.tries < TRIES) {
      setTimeout(() => upload.line.isConnected && this.send(upload), PAUSE_MS * upload.tries);
      return;
    }
    this.fail(upload, reason, true);
    this.ended(upload);
  }

  ended(upload) {
    if (this.running === upload) this.running = null;
    this.next();
  }

  done(upload, told) {
    upload.progress.remove();
    upload.said.textContent = this.words.done;
    const kept = document.createElement("input");
    kept.type = "hidden";
    kept.name = "attachments";
    kept.value = told.attachment_id;
    upload.line.append(kept);
    if (this.words.publish && told.type.startsWith("image/")) this.ask(upload.line, told.attachment_id);
    upload.line.dataset.done = "yes";
    this.changed();
  }

  // A picture is published only by a yes to that very picture.
  ask(line, id) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = "publish_files";
    box.value = id;
    label.append(box, ` ${this.words.publish}`);
    line.append(" ", label);
  }

  fail(upload, reason, again) {
    upload.progress.remove();
    upload.said.textContent = reason;
    upload.said.setAttribute("role", "alert");
    if (again) {
      const button = this.button(this.words.again, upload.file.name);
      button.dataset.again = "yes";
      button.addEventListener("click", () => {
        const isHere = document.activeElement === button;
        upload.line.remove();
        this.add(upload.file);
        if (isHere) this.list.lastElementChild.querySelector("button").focus();
      });
      upload.line.append(" ", button);
    }
  }

  removable(line, upload = null) {
    const box = line.querySelector("input[type=checkbox][name=attachments]");
    const called = upload ? upload.file.name : line.querySelector("label").textContent.trim();
    if (box) {
      box.type = "hidden";
      box.closest("label").replaceWith(called, box);
    }
    line.dataset.name = called;
    const button = this.button(this.words.remove, called);
    button.dataset.remove = "yes";
    button.addEventListener("click", () => {
      const input = this.box.querySelector("input[type=file]");
      line.remove();
      this.changed();
      this.waiting = this.waiting.filter((one) => one !== upload);
      if (upload && this.running === upload) {
        upload.request.abort();
        this.ended(upload);
      }
      this.tell();
      input.focus();
    });
    line.append(" ", button);
  }

  // For whoever keeps them: see kept.js.
  changed() {
    this.box.dispatchEvent(new Event("files", { bubbles: true }));
  }

  button(words, about) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary govuk-!-margin-bottom-0";
    button.textContent = words;
    button.setAttribute("aria-label", `${words} ${about}`);
    return button;
  }

  // What is under way is waited for, and then sent with the rest. What was not taken is said once more before the form goes
  // without it.
  hold(event) {
    const isBusy = this.running || this.waiting.length > 0;
    if (!isBusy && !this.isLeftOut()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isBusy) return this.warn();
    this.wanted = event.submitter;
    this.tell();
  }

  isLeftOut() {
    const failed = this.list.querySelectorAll("[role=alert]").length;
    return failed > 0 && failed !== this.warned;
  }

  warn() {
    this.warned = this.list.querySelectorAll("[role=alert]").length;
    this.status.textContent = this.words.leftOut;
    this.status.tabIndex = -1;
    this.status.focus();
    this.list.scrollIntoView({ block: "center" });
  }

  tell() {
    const left = this.waiting.length + (this.running ? 1 : 0);
    this.status.textContent = left ? this.words.busy : "";
    if (left === 0 && this.wanted) {
      const submitter = this.wanted;
      this.wanted = null;
      if (this.isLeftOut()) this.warn();
      else this.form.requestSubmit(submitter);
    }
  }
}

for (const box of document.querySelectorAll("[data-attachments]")) new Uploads(box);
