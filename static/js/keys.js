/* Single keys, off while somebody types and wholly off when the person says so. */

const dialog = document.querySelector("#keys");
const off = dialog?.querySelector("[data-keys-off]");
let waitsForPlace = false;

if (off) {
  off.checked = document.cookie.split("; ").includes("keys=off");
  off.addEventListener("change", () => {
    document.cookie = `keys=${off.checked ? "off" : "on"}; path=/; max-age=31536000; samesite=lax`;
  });
}

const types = (element) => element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

// What is not shown takes no focus, and the next key would do something else than the person means.
const isSeen = (element) => element.type !== "hidden" && element.checkVisibility();

const places = () => [...document.querySelectorAll("[data-question], .table tbody tr:has(a[href])")];

const here = () => document.activeElement?.closest("[data-question], .table tbody tr");

function step(by) {
  const all = places();
  if (all.length === 0) return;
  const now = all.indexOf(here());
  const next = all[now < 0 ? 0 : Math.min(Math.max(now + by, 0), all.length - 1)];
  const chosen = next.querySelector("input:checked");
  (chosen ?? [...next.querySelectorAll("input, a[href]")].find(isSeen))?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function choose(number) {
  const option = here()?.querySelectorAll("input[type=radio]")[number - 1];
  if (!option) return;
  option.click();
  option.focus();
}

function go(key) {
  waitsForPlace = false;
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (link) window.location.assign(link.href);
}

const SINGLE = {
  "/": () => document.querySelector("[data-key='/']")?.focus(),
  "?": () => dialog?.showModal(),
  g: () => { waitsForPlace = true; },
  j: () => step(1),
  k: () => step(-1),
  n: () => here()?.querySelector("[data-comment]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("form")?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || off?.checked || types(event.target) || dialog?.open) return;
  if (waitsForPlace) {
    go(event.key);
  } else if (SINGLE[event.key]) {
    event.preventDefault();
    SINGLE[event.key]();
  } else if (/^[1-9]$/.test(event.key)) {
    choose(Number(event.key));
  }
});

for (const button of document.querySelectorAll("[data-keys-open]")) {
  button.addEventListener("click", () => dialog.showModal());
}
