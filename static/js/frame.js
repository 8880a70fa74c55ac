/* The frame of a page: theme without a reload, menus that close, focus on what went wrong, the open tab and the open
   section in sight. */

for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft = tab.parentElement.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// Where the sections do not fit: beside the page at once, in the panel of a phone when it opens.
function showSection() {
  for (const section of document.querySelectorAll(".nav-sections [aria-current]")) {
    const list = section.closest(".nav-sections");
    const below = section.offsetTop - list.offsetTop + section.offsetHeight - list.clientHeight;
    if (below > 0) list.scrollTop = below + section.offsetHeight;
  }
}

showSection();
document.getElementById("menu")?.addEventListener("toggle", showSection);

const themeForm = document.querySelector("[data-theme-form]");

function showTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.bsTheme;
  else document.documentElement.dataset.bsTheme = theme;
  for (const button of themeForm.querySelectorAll("[name=theme]")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}

themeForm?.addEventListener("submit", async (event) => {
  const theme = event.submitter?.value;
  if (!theme) return;
  event.preventDefault();
  showTheme(theme);
  const body = new URLSearchParams(new FormData(themeForm));
  body.set("theme", theme);
  try {
    const answer = await fetch(themeForm.action, { method: "POST", body, redirect: "manual" });
    if (!answer.ok && answer.type !== "opaqueredirect") throw new Error(String(answer.status));
  } catch {
    withField(themeForm, "theme", theme).submit();
  }
});

function withField(form, name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  form.append(field);
  return form;
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// What a filter found is said aloud: the list changes in place, and nobody who listens would know.
document.addEventListener("htmx:afterSettle", (event) => {
  if (!event.detail.requestConfig?.elt.matches("[data-filters]")) return;
  const found = document.querySelector("[data-outcome]");
  document.querySelector("#announcer").textContent = found?.textContent.trim() ?? "";
});

document.querySelector("[data-focus]")?.focus();
