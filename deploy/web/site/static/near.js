// Shows of another page beside a case what is near it, once its page is there. Where nothing comes, what was there stays.
const LONGEST_MS = 5000;

async function show(box, part) {
  const limit = AbortSignal.timeout(LONGEST_MS);
  try {
    const answer = await fetch(box.dataset.from, { signal: limit });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(part);
    if (found) box.replaceChildren(found);
  } catch {
    // What was there is still there.
  }
}

// What was typed stays: the draft comes behind it.
function insert(event) {
  const link = event.target.closest("[data-draft]");
  const reply = document.querySelector("#reply-response");
  if (!link || !reply) return;
  event.preventDefault();
  reply.closest("details")?.setAttribute("open", "");
  reply.value = [reply.value.trim(), link.dataset.draft].filter(Boolean).join("\n\n");
  reply.dispatchEvent(new Event("input", { bubbles: true }));
  reply.focus();
}

const box = document.querySelector("#near");
if (box) {
  box.addEventListener("click", insert);
  show(box, "#near-answers");
}
