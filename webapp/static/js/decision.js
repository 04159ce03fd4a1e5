import { openDialog, typing } from "./shared.js";

// The decision panel: what is still missing, an approval that is dead only with its reason beside it, and the dialogs that
// ask for changes field by field. Without this file the form posts as it is and the server names what is missing.

function answered(box) {
  if (box.type === "checkbox") return box.checked;
  if (box.type === "radio") return Boolean(box.form.querySelector(`[name="${CSS.escape(box.name)}"]:checked`));
  return box.value.trim() !== "";
}

function unanswered(form) {
  const seen = new Set();
  return [...form.querySelectorAll("[data-required]")].filter((box) => {
    if (seen.has(box.name) || box.closest("dialog") || answered(box)) return false;
    seen.add(box.name);
    return true;
  });
}

function tell(form) {
  const missing = unanswered(form);
  const approve = form.querySelector("[data-approve]");
  const place = form.querySelector("[data-missing]");
  if (approve) {
    if (missing.length) approve.setAttribute("aria-disabled", "true");
    else approve.removeAttribute("aria-disabled");
  }
  if (!place) return;
  place.replaceChildren();
  if (!missing.length) return;
  const lead = missing.length === 1 ? place.dataset.one : place.dataset.many.replace("{n}", missing.length);
  place.append(`${lead} `);
  missing.forEach((box, i) => {
    const a = document.createElement("a");
    a.href = `#${box.id}`;
    const label = box.dataset.label || box.name;
    a.textContent = label.charAt(0).toLowerCase() + label.slice(1);
    a.addEventListener("click", (event) => {
      event.preventDefault();
      box.focus();
      box.scrollIntoView({ block: "center" });
    });
    place.append(a, i < missing.length - 1 ? ", " : ".");
  });
}

function rows(dialog) {
  const place = dialog.querySelector("[data-rows]");
  const add = dialog.querySelector("[data-row-add]");
  if (!place || !add) return;
  const first = place.querySelector("[data-row]");
  let made = place.querySelectorAll("[data-row]").length;
  const refresh = () => {
    const all = place.querySelectorAll("[data-row]");
    all.forEach((row) => { row.querySelector("[data-row-remove]").hidden = all.length < 2; });
  };
  add.hidden = false;
  add.addEventListener("click", () => {
    made += 1;
    const row = first.cloneNode(true);
    row.querySelectorAll("input, select, textarea").forEach((box) => {
      const label = row.querySelector(`label[for="${box.id}"]`);
      box.id = `${box.id}-${made}`;
      if (label) label.htmlFor = box.id;
      if (box.matches("input, textarea")) box.value = "";
    });
    place.append(row);
    refresh();
    row.querySelector("select, input")?.focus();
  });
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-remove]");
    if (!button) return;
    button.closest("[data-row]").remove();
    refresh();
    add.focus();
  });
  refresh();
}

document.querySelectorAll("form[data-decision]").forEach((form) => {
  form.addEventListener("input", () => tell(form));
  form.addEventListener("change", () => tell(form));
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      unanswered(form)[0]?.focus();
      return;
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  // What was already written in the panel is carried into the dialog that asks for it.
  form.addEventListener("dialog:open", (event) => {
    const note = form.querySelector('[name="comment"]');
    const there = event.target.querySelector('[name="comment_return"], [name="comment_reject"]');
    if (note && there && !there.value) there.value = note.value;
  });
  tell(form);
});
document.querySelectorAll("dialog").forEach(rows);

// S approves once everything is answered (until then it goes to what is missing), B opens the return.
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("form[data-decision]");
  if (!form || typing(event) || event.repeat) return;
  const key = event.key.toLowerCase();
  const button = key === "s" ? form.querySelector("[data-approve]") : key === "b" ? form.querySelector('[data-key="b"]') : null;
  if (!button || button.disabled) return;
  event.preventDefault();
  if (button.dataset.dialog) openDialog(button.dataset.dialog);
  else button.click();
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-decision]").forEach(tell));
