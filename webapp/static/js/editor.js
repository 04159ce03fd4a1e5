// The editor saves by itself, says so, and loses nothing: what was typed while there was no line waits on the device, and a
// photo that failed can be sent again. Without this file the form's own buttons do all of it.
import { csrfToken, toast } from "./shared.js";

const form = document.querySelector("form[data-editor]");
const WAIT_MS = 900;
const SEEN = ["version", "base"];

class Autosave {
  constructor(form) {
    this.form = form;
    this.badge = document.querySelector("[data-saved]");
    this.changed = new Set();
    this.keeper = `karya:draft:${form.dataset.save}`;
    this.busy = null;
    this.timer = 0;
    this.restore();
    form.addEventListener("input", (event) => this.touched(event.target));
    form.addEventListener("change", (event) => this.touched(event.target));
    form.addEventListener("submit", () => this.forget());
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => { if (this.changed.size) this.keep(); });
    addEventListener("beforeunload", (event) => {
      if (this.changed.size && !this.form.dataset.leaving) event.preventDefault();
    });
  }

  say(state) {
    if (!this.badge) return;
    this.badge.querySelector("[data-saved-text]").textContent = this.badge.dataset[state];
    this.badge.classList.toggle("saved--bad", state === "problem" || state === "offline");
    const use = this.badge.querySelector("use");
    const shape = { saving: "cloud-upload", done: "cloud-check" }[state] ?? "cloud-off";
    use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${shape}`));
  }

  touched(box) {
    if (!box.name || box.type === "file" || box.type === "hidden" || box.name.startsWith("take.")) return;
    const mine = this.form.querySelector(`[name="take.${CSS.escape(box.name)}"][value="mine"]`);
    if (mine) mine.checked = true;
    this.changed.add(box.name);
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  /** The changed fields as they stand: a repeated name (a row of evidence) goes whole. */
  values(names) {
    const all = new FormData(this.form);
    const body = new URLSearchParams();
    names.forEach((name) => {
      const family = name.startsWith("evidence_") ? ["evidence_source", "evidence_on", "evidence_price"] : [name];
      family.forEach((one) => {
        if (body.has(one)) return;
        const found = all.getAll(one).filter((value) => typeof value === "string");
        (found.length ? found : [""]).forEach((value) => body.append(one, value));
      });
    });
    return body;
  }

  /** What the page showed when it was opened or last saved: the server asks before it overwrites anything newer. */
  seen(body) {
    SEEN.forEach((name) => body.set(name, this.form.elements.namedItem(name).value));
    return body;
  }

  keep() {
    try {
      localStorage.setItem(this.keeper, this.seen(this.values(this.changed)).toString());
    } catch { /* a full or forbidden store: the server's copy is the one that counts */ }
  }

  forget() {
    this.form.dataset.leaving = "1";
    clearTimeout(this.timer);
    localStorage.removeItem(this.keeper);
  }

  restore() {
    let kept = "";
    try { kept = localStorage.getItem(this.keeper) ?? ""; } catch { return; }
    if (!kept) return;
    const body = new URLSearchParams(kept);
    SEEN.forEach((name) => {
      if (body.has(name)) this.form.elements.namedItem(name).value = body.get(name);
      body.delete(name);
    });
    new Set(body.keys()).forEach((name) => {
      const boxes = this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
      body.getAll(name).forEach((value, i) => {
        if (boxes[0]?.type === "radio") boxes.forEach((box) => { box.checked = box.value === value; });
        else if (boxes[i]) boxes[i].value = value;
      });
      this.changed.add(name);
    });
    this.save();
  }

  async save() {
    if (!this.changed.size) return;
    if (this.busy) { await this.busy; return this.save(); }
    this.busy = this.send().finally(() => { this.busy = null; });
    return this.busy;
  }

  async send() {
    const names = [...this.changed];
    const body = this.seen(this.values(names));
    this.changed.clear();
    this.say("saving");
    let answer;
    try {
      answer = await fetch(this.form.dataset.save, {
        method: "POST", body, headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
      });
    } catch {
      names.forEach((name) => this.changed.add(name));
      this.keep();
      this.say("offline");
      return;
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) SEEN.forEach((name) => { this.form.elements.namedItem(name).value = told[name]; });
    this.show(names, told.problems ?? told.errors ?? {});
    if (told.complete !== undefined) this.complete(told.complete);
    if (answer.ok) {
      if (!this.changed.size) localStorage.removeItem(this.keeper);
      this.say("done");
    } else {
      this.say("problem");
      if (answer.status === 409 && told.version !== undefined) toast(this.form.dataset.moved);
      else if (answer.status === 409 || answer.status === 403) toast(told.detail ?? told.title ?? "");
    }
  }

  /** Each field's error beside it; a field that is mended loses its error. */
  show(names, problems) {
    names.forEach((name) => {
      const field = this.form.querySelector(`[data-field="${CSS.escape(name)}"]`);
      const place = field?.querySelector(".field__error");
      if (!place) return;
      const text = [].concat(problems[name] ?? []).join(" ");
      place.hidden = !text;
      place.querySelector("[data-error-text]").textContent = text;
      const asked = field.querySelector(".field__request");
      field.classList.toggle("field--bad", Boolean(text) || Boolean(asked && !field.querySelector(".field__answer input")?.value));
      const box = field.querySelector(".input");
      if (text) box?.setAttribute("aria-invalid", "true");
      else box?.removeAttribute("aria-invalid");
    });
  }

  complete(share) {
    const bar = document.querySelector(".complete progress");
    if (bar) bar.value = share;
    const words = document.querySelector("[data-complete]");
    if (words) words.textContent = words.textContent.replace(/\d+/, Math.round(share));
  }
}

function photos(place) {
  const input = place.querySelector('input[type="file"]');
  const adder = input.closest(".photo-add");

  function send(file, tile) {
    const state = document.createElement("span");
    state.className = "photo__state";
    const bar = document.createElement("progress");
    bar.className = "progress progress--kunyit";
    bar.max = 100;
    bar.value = 0;
    state.append(bar);
    tile.classList.remove("photo--refused");
    tile.querySelector(".photo__state")?.remove();
    tile.append(state);
    const request = new XMLHttpRequest();
    request.open("POST", place.dataset.upload);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
    });
    const failed = (why, again) => {
      // A reason is a sentence: it takes the whole row, so that no file's name is cut off on a phone.
      tile.classList.add("photo--refused");
      state.setAttribute("role", "alert");
      state.textContent = why;
      if (again) {
        const retry = document.createElement("button");
        retry.type = "button";
        retry.textContent = place.dataset.retry;
        retry.addEventListener("click", () => send(file, tile));
        state.append(retry);
        addEventListener("online", () => { if (tile.isConnected) send(file, tile); }, { once: true });
      } else {
        const drop = document.createElement("button");
        drop.type = "button";
        drop.textContent = "×";
        drop.setAttribute("aria-label", why);
        drop.addEventListener("click", () => tile.remove());
        state.append(drop);
      }
    };
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) {
        const holder = document.createElement("template");
        holder.innerHTML = request.responseText;
        tile.replaceWith(holder.content);
        return;
      }
      let why = place.dataset.failed;
      try { why = JSON.parse(request.responseText).detail || JSON.parse(request.responseText).title || why; } catch { /* not JSON */ }
      failed(why, request.status >= 500);
    });
    request.addEventListener("error", () => failed(place.dataset.failed, true));
    const body = new FormData();
    body.append("photo", file);
    request.send(body);
  }

  input.addEventListener("change", () => {
    [...input.files].forEach((file) => {
      const tile = document.createElement("figure");
      tile.className = "photo";
      const image = document.createElement("img");
      image.alt = file.name;
      image.src = URL.createObjectURL(file);
      image.addEventListener("load", () => URL.revokeObjectURL(image.src));
      tile.append(image);
      adder.before(tile);
      send(file, tile);
    });
    input.value = "";
  });
}

function evidence(place, saver) {
  const holder = place.querySelector("[data-evidence-rows]");
  const template = place.querySelector("[data-evidence-template]");
  const count = place.querySelector("[data-evidence-count]");
  if (!holder || !template) return;
  const refresh = () => {
    if (count) count.textContent = count.textContent.replace(/^\d+/, holder.querySelectorAll("[data-evidence-row]").length);
  };
  place.querySelector("[data-evidence-add]")?.addEventListener("click", (event) => {
    event.preventDefault();
    holder.append(template.content.cloneNode(true));
    refresh();
    holder.lastElementChild.querySelector("input")?.focus();
  });
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-evidence-remove]");
    if (!button) return;
    event.preventDefault();
    button.closest("[data-evidence-row]").remove();
    refresh();
    saver.touched({ name: "evidence_source", type: "text" });
  });
}

if (form) {
  const saver = new Autosave(form);
  form.querySelectorAll("[data-photos]").forEach(photos);
  form.querySelectorAll("[data-evidence]").forEach((place) => evidence(place, saver));
}
