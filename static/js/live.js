/* A region that follows what happens: asked for anew every few seconds while the page is seen, and replaced when it says
   something else. What holds the focus keeps it, what is unfolded stays so, and what changed is said politely. A page
   that has no answer for the region alone answers whole. */

const state = document.querySelector("[data-live-state]");
let tag = "";

function region() {
  return document.querySelector("[data-live]");
}

function place(element, within) {
  // Where an element stands: by its id, else by its link or name and the count among its like.
  if (!element || !within.contains(element)) return null;
  if (element.id) return { selector: `#${CSS.escape(element.id)}`, index: 0 };
  const href = element.getAttribute("href");
  const selector = href ? `${element.localName}[href="${CSS.escape(href)}"]` : element.localName;
  return { selector, index: [...within.querySelectorAll(selector)].indexOf(element) };
}

function replace(answered) {
  const old = region();
  const fresh = answered.querySelector("[data-live]");
  if (!old || !fresh) return;
  const beside = [...answered.querySelectorAll("[data-live-beside]")];
  document.querySelectorAll("[data-live-beside]").forEach((one, at) => { if (beside[at]) one.replaceWith(beside[at]); });
  if (says(old) === says(fresh)) return;
  const focused = place(document.activeElement, old);
  const unfolded = [...old.querySelectorAll("details")].map((one) => one.open);
  const scrolled = [...old.querySelectorAll("[tabindex]")].map((one) => one.scrollLeft);
  const before = old.querySelector("[data-live-summary]")?.textContent.trim();
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  [...fresh.querySelectorAll("details")].forEach((one, at) => { one.open = unfolded[at] ?? one.open; });
  [...fresh.querySelectorAll("[tabindex]")].forEach((one, at) => { one.scrollLeft = scrolled[at] ?? 0; });
  if (focused) fresh.querySelectorAll(focused.selector)[focused.index]?.focus({ preventScroll: true });
  const after = fresh.querySelector("[data-live-summary]")?.textContent.trim();
  if (before !== after && after) document.querySelector("#announcer").textContent = `Changed. ${changes(before, after)}`;
}

function says(element) {
  // Words and links: what htmx marks, and how long ago a moment was, is no change.
  const links = [...element.querySelectorAll("a[href]")].map((one) => one.getAttribute("href"));
  return `${element.textContent.replace(/\s+/g, " ")} ${links.join(" ")}`;
}

function changes(before, after) {
  const known = new Set(before?.split(". "));
  return after.split(". ").filter((one) => !known.has(one)).join(". ");
}

let seen = state?.querySelector("time");

function say(words) {
  state?.replaceChildren(`${words} `, seen);
}

async function ask() {
  if (document.hidden || !region() || !seen) return;
  const address = location.href;
  try {
    const headers = { "X-Live": "1", ...(tag && { "If-None-Match": tag }) };
    const answer = await fetch(address, { headers, redirect: "error", cache: "no-store" });
    if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
    const text = answer.status === 304 ? "" : await answer.text();
    // Filtered meanwhile: this is what somebody asked for before.
    if (address !== location.href) return;
    const answered = new DOMParser().parseFromString(text, "text/html");
    if (text) replace(answered);
    tag = answer.headers.get("ETag") ?? "";
    seen.textContent = answer.headers.get("X-As-Of") ?? answered.querySelector("[data-live-state] time")?.textContent ?? "";
    say("As of");
  } catch {
    say("Cannot be brought up to date: shown as of");
  }
}

if (region()) {
  setInterval(ask, Number(region().dataset.live) * 1000);
  document.addEventListener("visibilitychange", ask);
  // A filter brought another region, of which this tag is not.
  document.addEventListener("htmx:afterSettle", () => { tag = ""; });
}
