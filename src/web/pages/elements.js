// @ts-check
// Elements of the page: found and made. What is asked for is on the page, or the script stops there.

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * The element of an id.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof (kind || HTMLElement))) throw new TypeError(`no #${id}`);
  return /** @type {T} */ (element);
}

/**
 * The first element that a selector chooses.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function first(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof (kind || HTMLElement))) throw new TypeError(`no ${selector}`);
  return /** @type {T} */ (element);
}

/**
 * All elements that a selector chooses.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function all(root, selector) {
  return Array.from(root.querySelectorAll(selector));
}

/**
 * The nearest element that a selector chooses, from this one outwards.
 * @param {EventTarget | null} element
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function around(element, selector) {
  return element instanceof Element ? element.closest(selector) : null;
}

/**
 * The same where there is one for certain.
 * @param {Element} element
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function holder(element, selector) {
  const found = around(element, selector);
  if (!found) throw new TypeError(`nothing around is ${selector}`);
  return found;
}

/**
 * The controls in which fields of the report stand.
 * @param {ParentNode} root
 * @returns {Control[]}
 */
export function controlsIn(root) {
  return /** @type {Control[]} */ (all(root, "[name]").filter(asControl));
}

/**
 * An element that is itself such a control.
 * @param {EventTarget | null} element
 * @returns {Control | null}
 */
export function asControl(element) {
  const isControl =
    element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
  // What begins so is the form's own.
  return isControl && element.name && !element.name.startsWith("_") ? element : null;
}

/** What holds a control of the form with its label. In an item the label is it. */
const FIELD = ".field, .fields > label";

/**
 * Puts what is said of a control, an item, a list or a group where it belongs.
 * @param {HTMLElement} element
 * @param {HTMLElement} said
 */
export function putBeside(element, said) {
  if (asControl(element)) holder(element, FIELD).after(said);
  else element.insertBefore(said, element.querySelector(":scope > .items, :scope > .fields"));
}

/**
 * The path of what something is said of.
 * @param {HTMLElement} said
 */
export function placeOf(said) {
  let before = said.previousElementSibling;
  while (before && !before.matches(`${FIELD}, legend, .item-tools`)) before = before.previousElementSibling;
  const [control] = before && before.matches(FIELD) ? controlsIn(before) : [];
  return control ? control.name : holder(said, "fieldset").id;
}

/**
 * An element with a class and a text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {string} [classes]
 * @param {string} [text]
 */
export function make(name, classes, text) {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  return element;
}

/**
 * A button that does something.
 * @param {string} classes
 * @param {string} label
 * @param {() => void} act
 */
export function makeButton(classes, label, act) {
  const button = make("button", classes, label);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/**
 * Where the cursor goes for an element: into the grid of a table that has one.
 * @param {HTMLElement} element
 */
export function cursorOf(element) {
  const folded = element.closest(".grid-text:not([open])");
  const cell = folded && folded.parentElement && folded.parentElement.querySelector(".cell");
  return cell instanceof HTMLElement ? cell : element;
}

/**
 * Where one writes in an element.
 * @param {HTMLElement} element
 * @returns {HTMLElement}
 */
export function placeIn(element) {
  return cursorOf(asControl(element) || controlsIn(element)[0] || element.querySelector("button") || element);
}

/**
 * Draws anew, and leaves the cursor where it was; where that goes, it is `otherwise`.
 * @param {HTMLElement} root
 * @param {() => void} draw
 * @param {() => HTMLElement | null | undefined} otherwise
 */
export function keepCursor(root, draw, otherwise) {
  const before = document.activeElement;
  const isHere = root.contains(before);
  draw();
  if (!isHere || before === document.activeElement) return;
  const next = before instanceof HTMLElement && before.isConnected ? before : otherwise() || byId("content");
  next.focus();
}

/**
 * What stands among these, when it is asked for, as the cursor stands among them now; or the first.
 * @param {HTMLElement} root
 * @param {string} selector
 */
export function stopLike(root, selector) {
  const at = all(root, selector).findIndex((one) => one === document.activeElement);
  return () => {
    const stops = all(root, selector);
    return stops[at] || stops[0];
  };
}

/**
 * Opens whatever an element is folded in.
 * @param {Element} element
 */
export function unfold(element) {
  for (let details = element.closest("details"); details; details = details.parentElement && details.parentElement.closest("details")) {
    details.open = true;
  }
}

/**
 * Brings an element into view within what it scrolls in; `scrollIntoView` would scroll the page as well.
 * @param {HTMLElement} container
 * @param {HTMLElement} element
 */
export function scrollWithin(container, element) {
  const box = element.getBoundingClientRect();
  const frame = container.getBoundingClientRect();
  if (box.top < frame.top || box.bottom > frame.bottom) {
    container.scrollTop += box.top - frame.top - frame.height / 3;
  }
}
