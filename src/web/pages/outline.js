// @ts-check
// The outline: each section with how far it is.

import { all, byId, controlsIn, first } from "./elements.js";

/** @import { Finding } from "./findings.js" */

/**
 * Tells of each section how much is written and what is wrong; `current` is the one being written.
 * @param {HTMLFormElement} form
 * @param {Finding[]} found
 * @param {HTMLElement | null} [current]
 */
export function outline(form, found, current) {
  for (const link of all(form, "[data-outline]")) {
    const section = byId(link.dataset.outline || "");
    const isFilled = says(section);
    /** @param {Finding} one */
    const isWrong = (one) => one.severity === "error" && one.element && section.contains(one.element);
    // What is not begun is not wrong yet.
    const wrong = isFilled ? found.filter(isWrong).length : 0;
    const texts = controlsIn(section).filter((control) => control.matches("textarea, input:not([type])"));
    const characters = texts.reduce((sum, control) => sum + control.value.length, 0);
    const state = first(link, ".outline-state");
    state.textContent = [isFilled ? `${characters} 字` : "未填", wrong ? `${wrong} 处错误` : ""].filter(Boolean).join(" · ");
    link.classList.toggle("is-filled", isFilled);
    link.classList.toggle("is-wrong", wrong > 0);
    if (current) link.classList.toggle("is-current", section === current);
  }
}

/**
 * Whether anything is written in a section.
 * @param {HTMLElement} section
 */
export function says(section) {
  return controlsIn(section).some((control) =>
    control instanceof HTMLInputElement && control.type === "checkbox"
      ? control.checked
      : control.value.trim() !== (control.dataset.default || ""),
  );
}
