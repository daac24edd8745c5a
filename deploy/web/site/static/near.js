// Shows what was answered before beside a case, once its page is there. Where nothing comes, the link to it stays.
const LONGEST_MS = 5000;

async function show(box) {
  const limit = AbortSignal.timeout(LONGEST_MS);
  try {
    const answer = await fetch(box.dataset.from, { signal: limit });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#near-answers");
    if (found) box.replaceChildren(found);
  } catch {
    // The link is still there.
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
  show(box);
}
