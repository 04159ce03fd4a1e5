// Flask-AppBuilder's lists without jQuery: filters by address, ticking all rows, confirming an action on several, real date fields.

document.querySelectorAll("form[data-fab-search]").forEach((form) => {
  const rows = [...form.querySelectorAll("[data-col]")];
  const parts = (row) => ({ op: row.querySelector("[data-op]"), box: row.querySelector("[data-value] :is(input, select, textarea)") });
  rows.forEach((row) => {
    const { op, box } = parts(row);
    if (!box) return;
    box.removeAttribute("required");
    box.removeAttribute("placeholder");
    if (!box.matches("[type=checkbox]")) box.classList.add("input");
    box.setAttribute("aria-labelledby", `flt-${row.dataset.col}`);
    if (box.matches("select:not([multiple])") && !box.querySelector('option[value=""]')) box.prepend(new Option("", "", true, true));
    const name = () => { box.name = `_flt_${op.value}_${row.dataset.col}`; };
    op.addEventListener("change", name);
    name();
  });
  JSON.parse(form.dataset.active || "[]").forEach(([col, filter, value]) => {
    const row = rows.find((one) => one.dataset.col === col);
    if (!row) return;
    const { op, box } = parts(row);
    const chosen = [...op.options].find((option) => option.text === filter);
    if (chosen) op.value = chosen.value;
    if (box?.matches("[type=checkbox]")) box.checked = true;
    else if (box) box.value = value;
    op.dispatchEvent(new Event("change"));
    form.closest("details")?.setAttribute("open", "");
  });
  form.addEventListener("submit", () => rows.forEach((row) => {
    const { box } = parts(row);
    if (box && !box.matches("[type=checkbox]") && !box.value) box.disabled = true;
  }));
});

const all = document.querySelector(".action_check_all");
const ticks = document.querySelectorAll(".action_check");
all?.addEventListener("change", () => ticks.forEach((tick) => { tick.checked = all.checked; }));

document.querySelectorAll("#action_form").forEach((form) => form.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (![...ticks].some((tick) => tick.checked) || (question && !confirm(question))) event.preventDefault();
}));

document.querySelectorAll(".appbuilder_date input").forEach((box) => {
  const value = box.value.slice(0, 10);
  box.type = "date";
  box.value = value;
});
