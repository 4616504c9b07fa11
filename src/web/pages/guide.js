// @ts-check
// The menu of matters beside the first section: what a report should cover, and what it touches so far.

import { byId, keepCursor, make, makeButton, stopLike } from "./elements.js";
import { elementOf } from "./tree.js";

/** @import { Elements } from "./tree.js" */

/** @typedef {{ path: string, label: string, words: string }} Touch */

/** @typedef {{ number: string, name: string, is_group: boolean, touches: Touch[] }} Matter */

/** @typedef {{ remark?: string, matters: Matter[] }} Coverage */

export class Guide {
  constructor() {
    this.list = byId("guide-matters");
    this.shown = "";
    /** @type {Elements} */
    this.elements = new Map();
    /** @type {(element: HTMLElement, path: string, words?: string) => void} */
    this.onGo = () => {};
  }

  /**
   * Shows what is touched; `elements` tells which element stands for which path.
   * @param {Coverage} coverage
   * @param {Elements} elements
   */
  show(coverage, elements) {
    this.elements = elements;
    const shown = JSON.stringify(coverage);
    // Whoever reads the list is not disturbed where nothing changes in it.
    if (shown === this.shown) return;
    this.shown = shown;
    const lowest = coverage.matters.filter((matter) => !matter.is_group);
    const touched = lowest.filter((matter) => matter.touches.length).length;
    byId("guide-state").textContent = `${lowest.length} 项中写到 ${touched} 项`;
    byId("guide-remark").textContent = coverage.remark ? `${coverage.remark}。` : "";
    const draw = () => this.list.replaceChildren(...coverage.matters.map((matter) => this.entry(matter)));
    keepCursor(this.list, draw, stopLike(this.list, "button"));
  }

  /** @param {Matter} matter */
  entry(matter) {
    const kind = matter.is_group ? "group" : matter.touches.length ? "touched" : "";
    const entry = make("li", kind, `${matter.number} ${matter.name}`);
    if (!matter.is_group && !matter.touches.length) entry.append(" ", make("span", "hint", "还没有写到"));
    for (const touch of matter.touches.slice(0, 2)) entry.append(" ", makeButton("jump", touch.label, () => this.go(touch)));
    return entry;
  }

  /**
   * To the element that stands at the path by now.
   * @param {Touch} touch
   */
  go(touch) {
    const element = elementOf(this.elements, touch.path);
    if (element) this.onGo(element, touch.path, touch.words.split("……")[0]);
  }
}
