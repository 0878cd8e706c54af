"use strict";
// Light or dark: what the system says until the reader says otherwise; paper is light, and shows what is folded up.
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("perf-advise-theme"); } catch { /* a file may have no storage */ }

  function paint(theme) {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `change to ${button.textContent} colours`);
  }
  const current = () => chosen || (system.matches ? "dark" : "light");
  button.hidden = false;
  button.addEventListener("click", () => {
    chosen = current() === "dark" ? "light" : "dark";
    try { localStorage.setItem("perf-advise-theme", chosen); } catch { /* then for this time only */ }
    paint(chosen);
  });
  system.addEventListener("change", () => paint(current()));
  paint(current());

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });

  // A link to something folded up opens it.
  function openTarget() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  }
  addEventListener("hashchange", openTarget);
  addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
    // What a filter hides cannot be gone to.
    if (target && target.classList.contains("hidden")) document.querySelector(".filters").reset();
  });
  openTarget();
})();
