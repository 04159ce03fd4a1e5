// The inbox by keyboard: J and K move, Enter opens, S and B press what the preview offers, ? shows the keys.
import { openDialog, typing } from "./shared.js";

const list = document.querySelector("[data-inbox]");
const preview = document.getElementById("preview");
const wide = matchMedia("(min-width: 1100px)");

const rows = () => [...list.querySelectorAll("[data-case]")];
const current = () => list.querySelector('[data-case][aria-current="true"]');

function show(row) {
  if (!row) return;
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  if (preview && wide.matches && row.dataset.preview) {
    globalThis.htmx?.ajax("GET", row.dataset.preview, { target: preview, swap: "innerHTML" });
  }
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  if (next && next !== current()) show(next);
  next?.focus({ preventScroll: true });
}

/** Press whatever the preview offers for this key; true when there was something to press. */
function press(key) {
  const button = (wide.matches && preview?.querySelector(`[data-key="${key}"]`)) || null;
  button?.click();
  return Boolean(button);
}

if (list) {
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-case]");
    if (!row || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.detail > 1) return;
    if (event.target.closest("input")) return;
    if (event.detail === 0) return; // Enter on a focused row opens it
    event.preventDefault();
    show(row);
  });
  list.addEventListener("dblclick", (event) => {
    const row = event.target.closest("[data-case]");
    if (row) location.assign(row.href);
  });
  document.addEventListener("keydown", (event) => {
    if (typing(event)) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") {
      event.preventDefault();
      move(key === "j" ? 1 : -1);
    } else if (key === "s" || key === "b") {
      if (press(key)) event.preventDefault();
    } else if (key === "enter" && event.target === document.body) {
      const row = current();
      if (row) location.assign(row.href);
    } else if (event.key === "?") {
      event.preventDefault();
      openDialog("pintasan");
    }
  });
}
