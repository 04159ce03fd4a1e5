// A file dropped on, or chosen in, a [data-drop] box: its name is shown, and a [data-dropzone] form sends itself.

document.querySelectorAll("[data-drop]").forEach((box) => {
  const input = box.querySelector('input[type="file"]');
  const name = box.querySelector("[data-drop-name]");
  const form = box.closest("form[data-dropzone]");
  const submit = form?.querySelector("[data-drop-submit]");

  const chosen = () => {
    const file = input.files[0];
    if (!file) return;
    if (name) {
      name.textContent = `${file.name} · ${Math.max(1, Math.round(file.size / 1024)).toLocaleString("id-ID")} KB`;
      name.className = "drop__name";
    }
    if (form && submit) {
      submit.setAttribute("aria-busy", "true");
      form.requestSubmit(submit);
    }
  };

  ["dragenter", "dragover"].forEach((kind) => box.addEventListener(kind, (event) => {
    event.preventDefault();
    box.classList.add("drop--over");
  }));
  ["dragleave", "drop"].forEach((kind) => box.addEventListener(kind, () => box.classList.remove("drop--over")));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    chosen();
  });
  input.addEventListener("change", chosen);
});
