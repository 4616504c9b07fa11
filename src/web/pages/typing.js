// @ts-check
// When what stands in the form has changed. Syllables of an input method that are not words yet have changed
// nothing.

let isComposed = false;

/** Whether an input method is at work, and its syllables stand in a field. */
export function isComposing() {
  return isComposed;
}

/**
 * Calls at each change of the form.
 * @param {HTMLFormElement} form
 * @param {() => void} act
 */
export function onChange(form, act) {
  for (const event of ["input", "change", "compositionend"]) {
    form.addEventListener(event, () => isComposed || act());
  }
}

document.addEventListener("compositionstart", () => {
  isComposed = true;
});
document.addEventListener("compositionend", () => {
  isComposed = false;
}, true);
