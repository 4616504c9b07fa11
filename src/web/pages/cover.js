// @ts-check
// How much of the window the bar and the notices lie over: what one comes to by key or by a jump stands below them.

import { byId, first } from "./elements.js";

export function followCover() {
  const bar = first(document, ".bar");
  const notices = byId("notices");
  const page = document.documentElement;
  const measure = () => {
    const isSticky = (/** @type {HTMLElement} */ element) => getComputedStyle(element).position === "sticky";
    const height = isSticky(bar) ? bar.offsetHeight : 0;
    page.style.setProperty("--bar", `${height}px`);
    page.style.setProperty("--covered", `${height + (isSticky(notices) ? notices.offsetHeight : 0)}px`);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(bar);
  observer.observe(notices);
  measure();
}
