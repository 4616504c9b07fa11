// @ts-check
// The menu of drafts and files.

import { around, byId, first, holder } from "./elements.js";

/**
 * Opens and closes it; `choices` has for each entry what it does.
 * @param {Record<string, (entry: HTMLButtonElement) => void>} choices
 */
export function handleMenu(choices) {
  const menu = byId("menu");
  const button = byId("menu-button");
  /** @param {boolean} shows */
  const toggle = (shows) => {
    menu.hidden = !shows;
    button.setAttribute("aria-expanded", String(shows));
    if (shows) first(menu, "button").focus();
  };
  const leave = () => {
    toggle(false);
    button.focus();
  };
  button.addEventListener("click", () => toggle(button.getAttribute("aria-expanded") === "false"));
  document.addEventListener("click", (event) => {
    if (!menu.hidden && !around(event.target, ".menu")) toggle(false);
  });
  holder(menu, ".menu").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !menu.hidden) leave();
  });
  holder(menu, ".menu").addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !around(relatedTarget, ".menu")) toggle(false);
  });
  menu.addEventListener("click", (event) => {
    const entry = event.target;
    if (!(entry instanceof HTMLButtonElement) || !entry.dataset.menu) return;
    leave();
    choices[entry.dataset.menu](entry);
  });
}
