// The talk about a case: a name from the list goes into the words, a refused dialog opens again, nothing is sent twice,
// a link to copy is chosen whole. Without this file all of it works by typing.

document.querySelectorAll("[data-mention]").forEach((button) => {
  button.addEventListener("click", () => {
    const box = button.closest("form").querySelector("textarea");
    const before = box.value.slice(0, box.selectionStart);
    const gap = before && !/\s$/.test(before) ? " " : "";
    box.setRangeText(`${gap}@${button.dataset.mention} `, box.selectionStart, box.selectionEnd, "end");
    box.focus();
  });
});

document.querySelectorAll("dialog[data-open]").forEach((dialog) => {
  if (!dialog.open) dialog.showModal?.();
});

document.querySelectorAll("#percakapan form, form[data-talk]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
});

document.querySelectorAll("[data-copy]").forEach((box) => {
  box.addEventListener("focus", () => box.select());
});
