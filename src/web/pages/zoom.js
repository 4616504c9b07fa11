// @ts-check
// How large the pages are shown: by button, and by key where the pages have the cursor.

import { byId, first, makeButton } from "./elements.js";
import { announce } from "./notices.js";

/** Widths of a page, in hundredths of the room that there is; at half of it two stand side by side. */
const WIDTHS = [50, 75, 100, 125, 150, 200, 300];

const WHOLE = WIDTHS.indexOf(100);

/** On a narrow screen a page as wide as the screen cannot be read. */
const NARROW = WIDTHS.indexOf(150);

export function handleZoom() {
  const pages = byId("preview");
  const smaller = button("smaller", "－", "版面缩小", () => turn(chosen - 1));
  const larger = button("larger", "＋", "版面放大", () => turn(chosen + 1));
  first(document, ".preview-head").append(smaller, larger);
  let chosen = window.matchMedia("(max-width: 40rem)").matches ? NARROW : WHOLE;
  /** @param {number} next */
  const zoom = (next) => {
    chosen = Math.max(0, Math.min(WIDTHS.length - 1, next));
    pages.style.setProperty("--zoom", `${WIDTHS[chosen]}%`);
    pages.classList.toggle("is-side-by-side", WIDTHS[chosen] === 50);
    smaller.disabled = chosen === 0;
    larger.disabled = chosen === WIDTHS.length - 1;
  };
  /** @param {number} next */
  const turn = (next) => {
    zoom(next);
    announce(WIDTHS[chosen] === 50 ? "两页并排" : `版面宽 ${WIDTHS[chosen]}%`);
  };
  pages.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") turn(chosen + 1);
    else if (event.key === "-") turn(chosen - 1);
    else if (event.key === "0") turn(WHOLE);
    else return;
    event.preventDefault();
  });
  zoom(chosen);
}

/**
 * @param {string} id
 * @param {string} sign
 * @param {string} label
 * @param {() => void} act
 */
function button(id, sign, label, act) {
  const made = makeButton("button button-quiet button-small", sign, act);
  made.id = id;
  made.title = label;
  made.setAttribute("aria-label", label);
  return made;
}
