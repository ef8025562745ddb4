// Light or dark: as the system asks, or as the reader chose.
"use strict";

const darkAsked = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark. */
function isDark() {
  const chosen = document.documentElement.style.colorScheme;
  return chosen ? chosen === "dark" : darkAsked.matches;
}

/** Return the colour that a custom property of report.css has now. */
function colour(property) {
  const probe = element("span", { style: `color: var(${property})` });
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Make a button that switches between light and dark; `changed` is called after every change. */
function themeSwitch(button, changed = () => {}) {
  const remembered = recall();
  if (remembered) document.documentElement.style.colorScheme = remembered;
  const show = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    changed();
  };
  const turn = () => {
    const wanted = isDark() ? "light" : "dark";
    document.documentElement.style.colorScheme = wanted;
    remember(wanted);
    show();
  };
  button.addEventListener("click", turn);
  darkAsked.addEventListener("change", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "t" && isShortcut(event)) turn();
  });
  show();
}

// A browser may refuse storage to pages that were opened from a file.
function recall() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // The choice then lasts for this page.
  }
}
