// The live counter of a campaign: asks every other second whether it changed (304: it did not) and puts the new part in
// place. Without this file the page stands as it was loaded; the big screen then loads itself anew.

import { repeat } from "./asking.js";

const place = document.querySelector("[data-board]");

/** What was in focus stays in focus, and what was folded open stays open, though its element is another one now. */
function put(html) {
  const at = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  place.innerHTML = html;
  place.querySelectorAll("details").forEach((one, index) => { one.open = open[index] ?? false; });
  if (at) place.querySelector(`[href="${CSS.escape(at)}"]`)?.focus({ preventScroll: true });
}

if (place) {
  let mark = place.dataset.mark ?? "";
  repeat(Number(place.dataset.every) || 2, async () => {
    const headers = mark ? { "If-None-Match": mark } : {};
    const answer = await fetch(place.dataset.board, { headers, cache: "no-store", credentials: "omit" });
    if (answer.status === 304) return true;
    if (answer.status !== 200) return false;
    mark = answer.headers.get("ETag") ?? "";
    put(await answer.text());
    return true;
  }, { slowest: 20_000 });
}
