// @ts-check
// From the pages, the findings and an import to the fields, and from a field to its pages.

import { around, asControl, byId, cursorOf, placeIn, unfold } from "./elements.js";
import { outline } from "./outline.js";
import { makeWay } from "./panel.js";
import { findings, form, guide, imported, lastYear, preview } from "./parts.js";

/** @import { Control } from "./elements.js" */

export function handleJumps() {
  preview.onPick = (element, path, words) => {
    showPages(false);
    goTo(element, path, words);
  };
  findings.onGo = goTo;
  imported.onGo = goTo;
  guide.onGo = goTo;
  lastYear.onGo = goTo;

  form.addEventListener("focusin", (event) => {
    const control = asControl(event.target);
    // What has the cursor is not left behind a panel.
    if (around(event.target, ".writing")) makeWay();
    if (control) preview.mark(control, true);
    outline(form, findings.found, around(event.target, "[data-section]"));
  });
  form.addEventListener("focusout", (event) => {
    const section = around(event.target, "[data-section]");
    const stays = event.relatedTarget instanceof Node && section && section.contains(event.relatedTarget);
    if (section && asControl(event.target) && !stays) findings.visit(section.id);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "F8" || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    findings.showsAll = true;
    findings.beside();
    findings.step(event.shiftKey ? -1 : 1);
  });

  const button = byId("pages-button");
  button.addEventListener("click", () => showPages(button.getAttribute("aria-pressed") === "false"));
}

/**
 * On a narrow screen: the pages in place of the form, or the form again.
 * @param {boolean} shows
 */
function showPages(shows) {
  const button = byId("pages-button");
  form.classList.toggle("shows-pages", shows);
  button.setAttribute("aria-pressed", String(shows));
  button.textContent = shows ? "回到填写" : "看版面";
}

/**
 * Puts the cursor into the control of a path, and chooses the words there.
 * @param {HTMLElement} element
 * @param {string} path
 * @param {string} [words]
 */
function goTo(element, path, words) {
  makeWay();
  unfold(cursorOf(element));
  const target = placeIn(element);
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
  if (words && document.activeElement === target) choose(/** @type {Control} */ (target), path, words);
}

/**
 * @param {Control} control
 * @param {string} path
 * @param {string} words
 */
function choose(control, path, words) {
  if (!("setSelectionRange" in control)) return;
  const begin = beginning(control, path);
  const start = begin + Math.max(0, control.value.slice(begin).indexOf(words));
  if (control.value.slice(start, start + words.length) === words) control.setSelectionRange(start, start + words.length);
}

/**
 * Of a control with a paragraph a line, where the paragraph of this path begins.
 * @param {Control} control
 * @param {string} path
 */
export function beginning(control, path) {
  const index = control.name !== path && /\[(\d+)\]$/.exec(path);
  if (!index || !["lines", "paragraphs"].includes(control.dataset.entry || "")) return 0;
  const lines = control.value.split("\n");
  let start = 0;
  let said = -1;
  for (const line of lines) {
    if (line.trim()) said += 1;
    if (said === Number(index[1])) return start;
    start += line.length + 1;
  }
  return 0;
}
