// What was ticked and typed in a decision survives a reload and a lost line: this tab keeps it by case, version and officer
// (data-keep), until a page says that the case was decided (data-decided). Files are not kept here; the server seals those.

const PREFIX = "karya:putusan:";

function place(form) {
  return PREFIX + form.dataset.keep;
}

function boxes(form) {
  return [...form.elements].filter((box) => box.name && !box.name.startsWith("kept.") && !box.closest("[data-row]") &&
    !["hidden", "file", "submit", "button", "fieldset"].includes(box.type));
}

const toggles = (box) => box.type === "checkbox" || box.type === "radio";

function put(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch { /* a full or forbidden store: the form works without */ }
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

export function keep(form) {
  put(place(form), {
    boxes: boxes(form).map((box) => [box.name, box.value, toggles(box) ? box.checked : null]),
    rows: [...form.querySelectorAll("[data-row]")].map((row) => [...row.querySelectorAll("[name]")].map((box) => box.value)),
  });
}

/** Put back what was kept; `row(n)` gives the n-th row of the requests, made where there are fewer. */
export function restore(form, row) {
  const kept = read(place(form));
  if (!kept) return false;
  let changed = false;
  kept.boxes.forEach(([name, value, checked]) => {
    const box = boxes(form).find((one) => one.name === name && (one.type !== "radio" || one.value === value));
    if (!box) return;
    if (checked !== null) {
      changed ||= box.checked !== checked;
      box.checked = checked;
    } else {
      changed ||= box.value !== value;
      box.value = value;
    }
  });
  kept.rows.forEach((values, n) => {
    const into = row(n)?.querySelectorAll("[name]") ?? [];
    into.forEach((box, at) => {
      if (values[at] === undefined) return;
      changed ||= box.value !== values[at];
      box.value = values[at];
    });
  });
  return changed;
}

/** Forget a case's decisions, but for the one that is still open here. */
export function forget(caseId, but = null) {
  try {
    Object.keys(sessionStorage)
      .filter((key) => key.startsWith(`${PREFIX}${caseId}:`) && key !== PREFIX + but)
      .forEach((key) => sessionStorage.removeItem(key));
  } catch { /* nothing was kept either */ }
}
