// What every page answers to: the drawer of a phone, dialogs, "/" for the search, toasts, and the CSRF token on htmx and fetch.
// All of it is an addition: the drawer and the dialogs open by :target without this file.

import { forget } from "./kept.js";
import { csrfToken, openDialog, toast, typing } from "./shared.js";

document.querySelectorAll("[data-decided]").forEach((said) => forget(said.dataset.decided));

const menu = document.getElementById("menu");

function drawer(open) {
  if (!menu) return;
  menu.classList.toggle("rail--open", open);
  const opener = document.querySelector("[data-menu-open]");
  opener?.setAttribute("aria-expanded", String(open));
  if (open) menu.querySelector("a")?.focus();
  else opener?.focus();
}

document.addEventListener("click", (event) => {
  const at = event.target;
  if (at.closest("[data-menu-open]")) {
    event.preventDefault();
    drawer(true);
    return;
  }
  if (at.closest("[data-menu-close]") || (menu?.classList.contains("rail--open") && !at.closest("#menu"))) {
    event.preventDefault();
    drawer(false);
    return;
  }
  const opener = at.closest("[data-dialog]");
  if (opener && openDialog(opener.dataset.dialog)) {
    event.preventDefault();
    return;
  }
  const closer = at.closest("[data-dialog-close]");
  const dialog = closer?.closest("dialog");
  if (dialog?.open) {
    event.preventDefault();
    dialog.close();
  } else if (at.matches("dialog[open]")) {
    at.close();
  }
  const filters = document.querySelector("details.filters[open]");
  if (filters && !at.closest("details.filters")) filters.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.classList.contains("rail--open")) drawer(false);
  if (event.key === "Escape") document.querySelectorAll("details.filters[open]").forEach((d) => { d.open = false; });
  if (event.key === "/" && !typing(event)) {
    const search = document.getElementById("cari");
    if (search?.offsetParent) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

// A link that leads to a dialog (#kembalikan) opens it as a dialog, on arrival too.
function openFromAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id && document.getElementById(id)?.matches("dialog")) {
    history.replaceState(null, "", location.pathname + location.search);
    openDialog(id);
  }
}
addEventListener("hashchange", openFromAddress);
openFromAddress();

document.addEventListener("htmx:configRequest", (event) => {
  const token = csrfToken();
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail));
document.addEventListener("htmx:responseError", () => toast(document.documentElement.lang === "en"
  ? "That did not work. Try again." : "Belum berhasil. Coba lagi."));
document.addEventListener("htmx:sendError", () => toast(document.documentElement.lang === "en"
  ? "No connection." : "Tidak ada sambungan."));

document.querySelector("[data-problems]")?.focus();
