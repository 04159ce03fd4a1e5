// Copying a product's address and printing its page: shown only where a script can do it.

for (const item of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  item.hidden = false;
  const words = item.querySelector("[data-copy-text]");
  item.querySelector("button").addEventListener("click", async () => {
    await navigator.clipboard.writeText(item.dataset.copy);
    words.textContent = item.dataset.done;
    words.setAttribute("role", "status");
  });
}
for (const item of document.querySelectorAll("[data-print]")) {
  item.hidden = false;
  item.querySelector("button").addEventListener("click", () => window.print());
}
