"use strict";
const cards = Array.from(document.querySelectorAll(".card"), (card) => ({
  card, text: card.textContent.toLowerCase(),
}));
const filter = document.getElementById("filter");
const filtered = document.getElementById("filtered");
const unfold = document.getElementById("unfold");
document.querySelector(".tools").hidden = cards.length === 0;

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { card, text } of cards) {
    card.hidden = !words.every((word) => text.includes(word));
    shown += card.hidden ? 0 : 1;
  }
  filtered.textContent = words.length ? `${shown} of ${cards.length} shown` : "";
});

function setOpen(open) {
  for (const details of document.querySelectorAll("details.more")) details.open = open;
}
unfold.addEventListener("click", () => {
  const open = unfold.getAttribute("aria-pressed") !== "true";
  unfold.setAttribute("aria-pressed", String(open));
  unfold.textContent = open ? "Fold the quotes" : "Show all quotes";
  setOpen(open);
});
window.addEventListener("beforeprint", () => setOpen(true));
// A link into a card that the filter hides shows it again.
window.addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  const card = target && target.closest(".card[hidden]");
  if (card) {
    card.hidden = false;
    card.scrollIntoView();
  }
});
