// @ts-check
// The outline: each section with how far it is.

import { all, byId, controlsIn, first, holder, make } from "./elements.js";

/** @import { Control } from "./elements.js" */
/** @import { Finding } from "./findings.js" */

/** The sections whose text makes the report long: no tables, no settings. */
const TEXT = /^(basics|part-\d|ending)$/;

/**
 * Tells of each section how much is written and what is wrong; `current` is the one being written.
 * @param {HTMLFormElement} form
 * @param {Finding[]} found
 * @param {HTMLElement | null} [current]
 */
export function outline(form, found, current) {
  let written = 0;
  let total = 0;
  for (const link of all(form, "[data-outline]")) {
    const section = byId(link.dataset.outline || "");
    const isFilled = says(section);
    if (section.id === "not-placed") hide(link, section);
    if (isFilled && link.dataset.needed !== undefined) written += 1;
    /** @param {Finding} one */
    const isWrong = (one) => one.severity === "error" && one.element && section.contains(one.element);
    // What is not begun is not wrong yet.
    const wrong = isFilled ? found.filter(isWrong).length : 0;
    const texts = controlsIn(section).filter((control) => control.matches("textarea, input:not([type])") && isSaid(control));
    const characters = texts.reduce((sum, control) => sum + control.value.length, 0);
    if (TEXT.test(section.id)) total += characters;
    const state = first(link, ".outline-state");
    state.textContent = [isFilled ? `${characters} 字` : "未填", wrong ? `${wrong} 处错误` : ""].filter(Boolean).join(" · ");
    link.classList.toggle("is-filled", isFilled);
    link.classList.toggle("is-wrong", wrong > 0);
    if (current) link.classList.toggle("is-current", section === current);
  }
  const [bar, state] = soFar(form);
  bar.value = written;
  const needed = all(form, "[data-needed]").length;
  state.textContent = `要写的 ${needed} 个部分，写了 ${written} 个。共 ${total.toLocaleString("zh-CN")} 字（各地多为 3,100 至 7,000 字）`;
}

/**
 * Where it is told how much is written, above the sections.
 * @param {HTMLFormElement} form
 * @returns {[HTMLProgressElement, HTMLElement]}
 */
function soFar(form) {
  if (!document.getElementById("written-state")) {
    const box = make("div", "written-so-far");
    const bar = make("progress");
    bar.id = "written-parts";
    bar.max = all(form, "[data-needed]").length;
    bar.setAttribute("aria-label", "写了的部分");
    const state = make("p", "hint");
    state.id = "written-state";
    box.append(bar, state);
    first(form, ".outline").prepend(box);
  }
  return [byId("written-parts", HTMLProgressElement), byId("written-state")];
}

/**
 * What an import found no place for is no part of the form where nothing was imported.
 * @param {HTMLElement} link
 * @param {HTMLElement} section
 */
function hide(link, section) {
  const isEmpty = !section.querySelector(".item");
  section.hidden = isEmpty;
  holder(link, "li").hidden = isEmpty;
}

/**
 * Whether anything is written in a section.
 * @param {HTMLElement} section
 */
export function says(section) {
  return controlsIn(section).some(isSaid);
}

/**
 * Whether a writer has put there what stands there. The year stands there from the beginning.
 * @param {Control} control
 */
function isSaid(control) {
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  return control.name !== "year" && control.value.trim() !== (control.dataset.default || "");
}
