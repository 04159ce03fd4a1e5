// The decision panel: what is still missing, an approval that is dead only with its reason beside it, and the dialogs that
// ask for changes field by field. Without this file the form posts as it is and the server names what is missing.

import { forget, keep, restore } from "./kept.js";
import { openDialog, typing } from "./shared.js";

function answered(box) {
  if (box.type === "file" && box.form.querySelector(`[data-kept="${CSS.escape(box.id)}"]:checked`)) return true;
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

/** The n-th row of the requests, made where there are fewer. */
function row(form, n) {
  const all = () => form.querySelectorAll("[data-row]");
  while (all().length <= n && form.querySelector("[data-row-add]")) form.querySelector("[data-row-add]").click();
  return all()[n];
}

/** Ask again for what was not met: into the first empty row of the return, unless it stands there already. */
function askAgain(form, button) {
  const { askField, askText } = button.dataset;
  const texts = [...form.querySelectorAll("[data-row] [name=request_text]")].map((box) => box.value.trim());
  const box = form.querySelector(`[name="settled.${CSS.escape(button.dataset.askId)}"]`);
  if (box) box.checked = false;
  if (!texts.includes(askText)) {
    const at = texts.indexOf("");
    const into = row(form, at < 0 ? texts.length : at);
    into.querySelector("[name=request_field]").value = askField;
    into.querySelector("[name=request_text]").value = askText;
  }
  changed(form);
  openDialog("kembalikan");
}

/** Beside a request that is not ticked: why approving is refused. */
function refuse(box, refused) {
  const field = box.closest(".settle__one");
  if (!field) return;
  field.classList.toggle("field--bad", refused);
  field.querySelector(".field__error").hidden = !refused;
  if (refused) box.setAttribute("aria-invalid", "true");
  else box.removeAttribute("aria-invalid");
}

function changed(form) {
  form.querySelectorAll(".settle__one input:checked").forEach((box) => refuse(box, false));
  tell(form);
  if (form.dataset.keep) keep(form);
}

document.querySelectorAll("form[data-decision]").forEach((form) => {
  form.addEventListener("input", () => changed(form));
  form.addEventListener("change", () => changed(form));
  form.querySelectorAll("[data-ask-again]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => askAgain(form, button));
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      const missing = unanswered(form);
      missing.forEach((box) => refuse(box, true));
      missing[0]?.focus();
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

const kept = document.querySelector("form[data-keep]");
forget(kept ? kept.dataset.keep.split(":")[0] : location.pathname.split("/")[2], kept?.dataset.keep);
if (kept && "refused" in kept.dataset) keep(kept);
else if (kept && restore(kept, (n) => row(kept, n))) {
  kept.querySelector("[data-restored]").hidden = false;
  tell(kept);
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-decision]").forEach(tell));
