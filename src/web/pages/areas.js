// @ts-check
// Text areas: as high as their texts, with an offer where points run together.

import { makeButton } from "./elements.js";
import { announce } from "./notices.js";
import { pointsOf, split } from "./points.js";
import { paragraphOf } from "./lists.js";

/** What draws tables, fetched when there is one. @type {typeof import("./grid.js") | null} */
let grid = null;

/** @param {HTMLTextAreaElement[]} tables */
async function showGrids(tables) {
  if (!grid && tables.length) grid = await import("./grid.js");
  for (const table of tables) if (grid) grid.showGrid(table);
}

/**
 * Keeps the field in which one types as high as its text.
 * @param {Event} event
 */
export function onInput(event) {
  if (event.target instanceof HTMLTextAreaElement) fit([event.target]);
}

/**
 * Fits these fields. Heights are first all let go, then all read, then all set: a page is laid out once for
 * each of it, not once for each field.
 * @param {Iterable<HTMLTextAreaElement>} areas
 */
export function fit(areas) {
  const all = Array.from(areas);
  showGrids(all.filter((area) => area.dataset.entry === "table"));
  const grown = all.filter((area) => area.dataset.entry !== "table");
  for (const area of grown) area.style.height = "auto";
  const heights = grown.map((area) => area.scrollHeight);
  grown.forEach((area, index) => {
    area.style.height = `${heights[index] + 2}px`;
  });
  grown.forEach(offerSplit);
}

/**
 * Offers to split a paragraph that runs points together.
 * @param {HTMLTextAreaElement} area
 */
function offerSplit(area) {
  const item = paragraphOf(area);
  if (!item) return;
  const count = pointsOf(area.value).length;
  const label = `按“一是、二是”分成 ${count} 段`;
  const offer = item.querySelector(":scope > .split-offer");
  if (count < 2) {
    if (offer) offer.remove();
  } else if (offer) {
    offer.textContent = label;
  } else {
    const button = makeButton("button button-small split-offer", label, () => {
      const made = split(item);
      button.remove();
      announce(`已分成 ${made} 段`);
    });
    item.append(button);
  }
}
