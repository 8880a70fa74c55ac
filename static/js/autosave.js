/* Answers are kept on the server while they are typed. Nothing is stored in the browser.

   <form method="post" data-autosave="URL"> holds parts (<… data-autosave-part>), each with an <input name="…version">;
   a form without parts is one part. A changed part is posted to URL 800 ms after the last edit, and at once when the
   field is left or the page is hidden, one request at a time, with the header "X-Autosave: 1".
   The server answers JSON: 200 {"version": 4, "saved": "14:03", "mark": …} (the mark goes into <input name="…was">,
   which tells the server what was left untouched); 409 {"message": …} when somebody else changed the
   answer (the form, sent whole, then shows both); 422 {"errors": {"field": ["…"]}}. After each save the form fires
   "autosave:saved" (bubbles), so that a region with hx-trigger="autosave:saved from:body" can follow. */

const WAIT_MS = 800;
// A request that outlives its page may carry 64 KiB.
const KEEPALIVE_BYTES = 60000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-save-status]");
    this.dirty = new Set();
    this.sending = null;
    this.failed = false;
    this.refused = new Set();
    this.leaving = false;
    form.addEventListener("input", (event) => this.changed(event.target));
    form.addEventListener("change", (event) => this.changed(event.target));
    form.addEventListener("focusout", (event) => this.left(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush(); });
    window.addEventListener("pagehide", () => this.last());
    // A page out of the browser's memory shows old versions; its answers are on the server.
    window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
    window.addEventListener("beforeunload", (event) => this.warn(event));
  }

  changed(field) {
    if (!field.name || field.type === "file" || field.closest("[data-autosave-skip]")) return;
    const part = field.closest("[data-autosave-part]") ?? this.form;
    this.dirty.add(part);
    this.refused.delete(part);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT_MS);
    if (!this.failed || this.refused.size) this.say("Saving…");
  }

  left(event) {
    this.flush();
    const part = event.target.closest("[data-autosave-part]") ?? this.form;
    if (this.refused.has(part) && !part.contains(event.relatedTarget)) setTimeout(() => this.refused.has(part) && this.sayRefused());
  }

  async flush() {
    clearTimeout(this.timer);
    // A part that was refused waits for its next edit; the others are kept all the same.
    const part = [...this.dirty].find((one) => !this.refused.has(one));
    if (this.sending || !part) return;
    this.dirty.delete(part);
    this.sending = this.send(part);
    const kept = await this.sending;
    this.sending = null;
    if (kept || this.refused.has(part)) await this.flush();
  }

  async send(part) {
    try {
      const answer = await fetch(this.form.dataset.autosave, this.request(part));
      const isJson = answer.headers.get("content-type")?.includes("json");
      const told = isJson ? await answer.json() : {};
      if (answer.ok && isJson) return this.kept(part, told);
      return this.notKept(part, answer.status, told);
    } catch {
      return this.notKept(part, 0, {});
    }
  }

  request(part) {
    const body = this.fields(part);
    return {
      method: "POST",
      body,
      keepalive: body.toString().length < KEEPALIVE_BYTES,
      headers: { "X-Autosave": "1", Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
    };
  }

  fields(part) {
    const body = new URLSearchParams();
    const token = this.form.elements.csrfmiddlewaretoken;
    if (token) body.set("csrfmiddlewaretoken", token.value);
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value !== "string" || name === "csrfmiddlewaretoken") continue;
      const fields = this.form.elements[name];
      const list = fields instanceof RadioNodeList ? [...fields] : [fields];
      if (part === this.form || list.some((field) => part.contains(field))) body.append(name, value);
    }
    return body;
  }

  kept(part, told) {
    this.failed = this.refused.size > 0;
    const version = part.querySelector("input[name$=version]");
    if (version && told.version !== undefined) version.value = told.version;
    const mark = part.querySelector("input[name$=was]");
    if (mark && told.mark !== undefined) mark.value = told.mark;
    if (this.refused.size) this.sayRefused();
    else if (this.dirty.size === 0) this.say(told.saved ? `Saved ${told.saved}` : "Saved");
    this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: told }));
    return true;
  }

  notKept(part, status, told) {
    this.failed = true;
    this.dirty.add(part);
    if (status === 409 || status === 422) {
      this.refused.add(part);
      const first = Object.values(told.errors ?? {}).flat()[0];
      part.refusal = { words: told.message ?? first ?? "Check your answer.", isConflict: status === 409 };
      this.sayRefused();
      return false;
    }
    const signedOut = status === 401 || status === 403;
    const why = signedOut ? "You are signed out: sign in in another tab, then" : "Not saved.";
    this.say(why, { failed: true, retry: true });
    return false;
  }

  sayRefused() {
    const part = [...this.refused].at(-1);
    const { words, isConflict } = part.refusal;
    const others = this.refused.size > 1 ? ` ${this.refused.size - 1} more not saved.` : "";
    // Somebody who is still at the question has not finished it: that is no failure yet.
    const unfinished = !isConflict && part.contains(document.activeElement);
    this.say(unfinished ? `${words} It is saved then.` : `Not saved. ${words}${others}`, { failed: !unfinished });
    if (isConflict) this.offer("Compare", () => this.form.requestSubmit());
    else if (!unfinished) this.offer("Show", () => show(part));
  }

  say(words, { failed = false, retry = false } = {}) {
    if (!this.status) return;
    this.status.classList.toggle("failed", failed);
    this.status.replaceChildren(words);
    if (retry) this.offer("Retry", () => this.flush());
  }

  offer(word, action) {
    if (!this.status) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: word, className: "btn btn-sm" });
    button.addEventListener("click", action);
    this.status.append(" ", button);
  }

  async submitted(event) {
    if (!this.sending) {
      this.leaving = true;
      return;
    }
    // The page's own submit carries every answer; it waits for the one on its way, so that versions stay in step.
    event.preventDefault();
    await this.sending;
    this.leaving = true;
    this.form.requestSubmit(event.submitter);
  }

  last() {
    if (this.leaving) return;
    for (const part of this.dirty) fetch(this.form.dataset.autosave, this.request(part));
    this.dirty.clear();
  }

  warn(event) {
    if (!this.leaving && this.failed && this.dirty.size) event.preventDefault();
  }
}

function show(part) {
  const field = [...part.querySelectorAll("textarea, input, select")].find((one) => one.checked || (one.offsetParent && one.type !== "radio"));
  part.scrollIntoView({ block: "start" });
  field?.focus({ preventScroll: true });
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
