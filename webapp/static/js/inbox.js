// The inbox by keyboard: J and K move, Enter opens, S, B and A press what the preview offers, ? shows the keys. While many
// are picked J and K move too, and X ticks. Everything is heard at the document, as the list is taken anew (live.js).
import { openDialog, typing } from "./shared.js";

const wide = matchMedia("(min-width: 1100px)");
const preview = () => document.getElementById("preview");
const rows = () => [...document.querySelectorAll("[data-inbox] [data-case]")];
const current = () => document.querySelector('[data-inbox] [data-case][aria-current="true"]');
const boxOf = (row) => row?.querySelector("input[type=checkbox]");

function show(row) {
  if (!row) return;
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  if (preview() && wide.matches && row.dataset.preview) {
    globalThis.htmx?.ajax("GET", row.dataset.preview, { target: preview(), swap: "innerHTML" });
  }
}

function move(step) {
  const all = rows();
  const at = all.indexOf(current());
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  if (next && next !== current()) show(next);
  (boxOf(next) ?? next)?.focus({ preventScroll: true });
}

/** Press whatever the preview offers for this key; true when there was something to press. */
function press(key) {
  const button = (wide.matches && preview()?.querySelector(`[data-key="${key}"]`)) || null;
  button?.click();
  return Boolean(button);
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-inbox] a[data-case]");
  if (!row || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.detail > 1) return;
  if (event.detail === 0) return; // Enter on a focused row opens it
  event.preventDefault();
  show(row);
});
document.addEventListener("dblclick", (event) => {
  const row = event.target.closest("[data-inbox] a[data-case]");
  if (row) location.assign(row.href);
});
document.addEventListener("inbox:choose", (event) => show(event.detail));
document.addEventListener("keydown", (event) => {
  if (typing(event)) return;
  const key = event.key.toLowerCase();
  if (event.key === "?") {
    event.preventDefault();
    openDialog("pintasan");
  } else if (rows().length === 0) {
    return;
  } else if (key === "j" || key === "k") {
    event.preventDefault();
    move(key === "j" ? 1 : -1);
  } else if (key === "s" || key === "b" || key === "a") {
    if (press(key)) event.preventDefault();
  } else if (key === "x") {
    boxOf(current())?.click();
  } else if (key === "enter" && event.target === document.body) {
    const row = current();
    if (row?.href) location.assign(row.href);
  }
});

// Picking many: how many are ticked, all of them at once, and a range with the shift key.
const form = document.querySelector("form[data-pick]");
if (form) {
  const boxes = [...form.querySelectorAll('input[name="item"]')];
  const place = form.querySelector("[data-pick-count]");
  let last = null;
  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    if (n) place.textContent = place.dataset.text.replace("{n}", n);
  };
  form.addEventListener("click", (event) => {
    const box = event.target.closest('input[name="item"]');
    if (box) {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        boxes.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
      }
      last = box;
      tell();
    }
    if (event.target.closest("[data-pick-all]")) {
      event.preventDefault();
      const all = boxes.every((one) => one.checked);
      boxes.forEach((one) => { one.checked = !all; });
      place.textContent = place.dataset.text.replace("{n}", all ? 0 : boxes.length);
    }
  });
  tell();
}
