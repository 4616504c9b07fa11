// @ts-check
// What the name of the unit tells of its kind and level: taken over while one types the name, told, and left to
// whoever has chosen otherwise.

import { asControl, make, putBeside } from "./elements.js";
import { form } from "./parts.js";

/** @typedef {{ kind?: string, level?: string }} Standing */

const NAME = "issuer.name";
const FIELDS = /** @type {const} */ (["kind", "level"]);

/** Whether the name was typed and not only opened. */
let isTyped = false;

/** What the writer has chosen by hand. @type {Set<string>} */
const chosen = new Set();

export function followName() {
  form.addEventListener("input", ({ target }) => {
    const control = asControl(target);
    if (!control) return;
    if (control.name === NAME) isTyped = true;
    else if (control instanceof HTMLSelectElement) choose(control);
  });
}

/** @param {HTMLSelectElement} control */
function choose(control) {
  chosen.add(control.name);
  const said = document.getElementById(`${control.name}-taken`);
  if (said) said.remove();
}

/**
 * Takes over what the name tells.
 * @param {Standing} standing
 */
export function takeStanding(standing) {
  if (!isTyped) return;
  isTyped = false;
  let isChanged = false;
  for (const field of FIELDS) {
    const control = document.getElementById(`issuer.${field}`);
    const told = standing[field] || "";
    if (!(control instanceof HTMLSelectElement) || !told || chosen.has(control.name) || control.value === told) continue;
    control.value = told;
    tell(control);
    isChanged = true;
  }
  if (isChanged) form.dispatchEvent(new Event("change"));
}

/** Another report stands in the form: nothing in it was chosen here yet. */
export function forgetStanding() {
  isTyped = false;
  for (const name of chosen) chosen.delete(name);
  for (const field of FIELDS) {
    const said = document.getElementById(`issuer.${field}-taken`);
    if (said) said.remove();
  }
}

/** @param {HTMLSelectElement} control */
function tell(control) {
  const id = `${control.name}-taken`;
  const old = document.getElementById(id);
  const said = old || make("p", "hint taken");
  said.id = id;
  said.setAttribute("role", "status");
  if (!old) putBeside(control, said);
  said.textContent = `按单位全称选了“${control.selectedOptions[0].text}”，不对的请改选。`;
}
