"use strict";

// Ask the server whether there are newer results, and show them where the reader is.
const EVERY_MS = 2000;
const told = document.getElementById("live");
const KEPT = "showdown-open";

for (const id of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) {
  const details = document.getElementById(id);
  if (details) {
    details.open = true;
  }
}

async function look() {
  try {
    const answer = await fetch("/version", { cache: "no-store" });
    if ((await answer.text()) !== document.body.dataset.version) {
      const open = [...document.querySelectorAll("details[open][id]")].map((details) => details.id);
      sessionStorage.setItem(KEPT, JSON.stringify(open));
      location.reload();
    }
  } catch {
    told.textContent = "The server has ended: this is what it knew last.";
    clearInterval(looking);
  }
}

const looking = setInterval(look, EVERY_MS);
