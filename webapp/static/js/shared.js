// What several modules use; importing it does nothing by itself.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** Say something in the corner for a while; link = {url, label} offers the way on. */
export function toast(text, link = null, seconds = 8) {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (link?.url) {
    const a = document.createElement("a");
    a.href = link.url;
    a.textContent = link.label || link.url;
    box.append(a);
  }
  place.append(box);
  setTimeout(() => box.remove(), seconds * 1000);
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return false;
  if (!dialog.open) dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog:open", { bubbles: true }));
  return true;
}

/** True while the person types, so that a single key is a letter and not a command. */
export function typing(event) {
  const at = event.target;
  return event.ctrlKey || event.metaKey || event.altKey || at.isContentEditable || at.closest?.("dialog[open]") ||
    (at.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select") ?? false);
}
