// What others do, without a reload. The inbox asks every ten seconds whether it changed (304: it did not) and takes the
// list anew; the page of a case tells that it is open and hears who else looks and whether the case moved. A hidden page
// asks ever less. Without this file the pages stand as they were loaded.

import { repeat } from "./asking.js";
import { csrfToken, typing } from "./shared.js";

function busy() {
  return Boolean(document.querySelector("dialog[open], details.views__more[open]")) ||
    typing({ target: document.activeElement ?? document.body });
}

async function takeAnew() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const row = document.activeElement?.closest?.("[data-case]")?.dataset.case;
  const chosen = document.querySelector('[data-case][aria-current="true"]')?.dataset.case;
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (fresh) part.replaceChildren(...fresh.childNodes);
  }
  const find = (id) => id && document.querySelector(`[data-case="${CSS.escape(id)}"]`);
  globalThis.htmx?.process(document.querySelector('[data-live="list"]'));
  if (find(chosen)) document.dispatchEvent(new CustomEvent("inbox:choose", { detail: find(chosen) }));
  find(row)?.focus({ preventScroll: true });
  const rail = page.querySelector(".rail__list");
  if (rail) document.querySelector(".rail__list")?.replaceChildren(...rail.childNodes);
  const said = document.querySelector("[data-live-said]");
  if (said) said.textContent = said.dataset.text;
}

function inbox(list) {
  let mark = "";
  let changed = false;
  repeat(10, async () => {
    const headers = mark ? { "If-None-Match": mark } : {};
    const answer = await fetch(list.dataset.stateUrl, { headers, cache: "no-store", credentials: "same-origin" });
    if (answer.status === 200) {
      changed ||= mark !== "";
      mark = answer.headers.get("ETag") ?? "";
    } else if (answer.status !== 304) return false;
    if (!changed) return true;
    if ("picking" in list.dataset) {
      document.querySelector("[data-live-note]").hidden = false;
    } else if (!busy() && !document.hidden) {
      changed = false;
      await takeAnew();
    }
    return true;
  });
}

/** Nobody types into a case that somebody else decided: what was written stays readable and is no longer sent. */
function close(form) {
  form.querySelectorAll("textarea, input:not([type=hidden])").forEach((box) => { box.readOnly = true; });
  form.querySelectorAll("button, input[type=checkbox], input[type=radio], select").forEach((box) => { box.disabled = true; });
  form.querySelectorAll("[data-dialog]").forEach((link) => link.remove());
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
}

function aCase(place) {
  let over = false;
  repeat(15, async () => {
    if (over) return true;
    const body = new URLSearchParams({ version: place.dataset.version });
    const headers = { "X-CSRFToken": csrfToken() };
    const answer = await fetch(place.dataset.around, { method: "POST", body, headers, credentials: "same-origin" });
    if (!answer.ok) return false;
    const fresh = await answer.text();
    if (place.dataset.shown !== fresh) {
      place.dataset.shown = fresh;
      place.innerHTML = fresh;
    }
    if (place.querySelector("[data-moved]")) {
      over = true;
      document.querySelectorAll("form[data-decision]").forEach(close);
      place.scrollIntoView({ block: "nearest" });
    }
    return true;
  }, { whileHidden: false });
}

const list = document.querySelector("[data-state-url]");
if (list) inbox(list);
const place = document.querySelector("[data-around]");
if (place) aCase(place);
