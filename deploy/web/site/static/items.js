// Offers the items of the dispatch catalogue while somebody types one; fetched once in a window, when first needed.
const offered = document.querySelector("#items");
const kept = `items-${document.documentElement.lang}`;

const read = async () => {
  const answer = await fetch(offered.dataset.from);
  if (!answer.ok || answer.redirected) return [];
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[data-item]")].map((one) => [one.dataset.item, one.dataset.of]);
};

async function offer() {
  let items = JSON.parse(sessionStorage.getItem(kept) ?? "[]");
  if (!items.length) {
    try {
      items = await read();
    } catch {
      // A name or a code can be typed all the same.
      return;
    }
    if (items.length) sessionStorage.setItem(kept, JSON.stringify(items));
  }
  offered.replaceChildren(...items.map(([name, of]) => new Option(of, name)));
}

for (const one of document.querySelectorAll("input[list=items]")) one.addEventListener("focus", offer, { once: true });
