// @ts-check
// What may stand in the place of the pages: one panel at a time, opened and closed by its button.

import { first, make, makeButton } from "./elements.js";

/** @type {Panel | null} */
let shown = null;

/** Where the panel lies over the form, as on a narrow screen, it goes; its button brings it back. */
export function makeWay() {
  if (shown && getComputedStyle(shown.element).position === "fixed") shown.hide();
}

export class Panel {
  /**
   * `onButton` shows what the button stands for.
   * @param {HTMLFormElement} form
   * @param {HTMLElement} element
   * @param {HTMLElement} button
   * @param {() => void} onButton
   */
  constructor(form, element, button, onButton) {
    this.form = form;
    this.element = element;
    this.button = button;
    this.top = 0;
    button.addEventListener("click", onButton);
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get isOpen() {
    return shown === this;
  }

  /**
   * Shows these parts under a title, in place of whatever was shown.
   * @param {string} title
   * @param {...Node} parts
   */
  show(title, ...parts) {
    const head = make("div", "panel-head");
    const heading = make("h2", "", title);
    heading.tabIndex = -1;
    head.append(heading, makeButton("button button-quiet button-small", "关闭", () => this.close()));
    this.element.replaceChildren(head, ...parts);
    this.top = 0;
    this.open();
  }

  /** Shows again what it held, where the reader was. */
  open() {
    if (shown && shown !== this) shown.hide();
    shown = this;
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.form.classList.add("has-panel");
    first(this.element, "h2").focus({ preventScroll: true });
    this.element.scrollTop = this.top;
  }

  /** Gives the place back to the pages, and the cursor to the button. */
  close() {
    if (!this.isOpen) return;
    this.hide();
    this.button.focus();
  }

  hide() {
    shown = null;
    this.top = this.element.scrollTop;
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.form.classList.remove("has-panel");
  }
}
