/* Forms: filters that apply themselves, a warning before typed text is lost, one submit at a time. */

const TYPING_MS = 400;

function filterOnChange(form) {
  let timer;
  const send = () => {
    clearTimeout(timer);
    form.requestSubmit();
  };
  form.addEventListener("change", send);
  form.addEventListener("input", (event) => {
    if (event.target.type !== "search" && event.target.type !== "text") return;
    clearTimeout(timer);
    timer = setTimeout(send, TYPING_MS);
  });
  // Empty filters stay out of the address, so that it can be shared and read.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

function guard(form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

function once(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "true";
  });
  // A page that comes back from the browser's memory may send again.
  window.addEventListener("pageshow", () => { delete form.dataset.sending; });
}

function prepare(root) {
  const each = (selector, work) => {
    for (const form of root.querySelectorAll(selector)) {
      const mark = `ready${work.name}`;
      if (form.dataset[mark]) continue;
      form.dataset[mark] = "true";
      work(form);
    }
  };
  each("form[data-filters]", filterOnChange);
  each("form[data-guard]", guard);
  each("form[method=post]:not([data-autosave]):not([hx-post])", once);
}

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
