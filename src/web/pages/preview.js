// @ts-check
// The typeset pages beside the form. The service sends only pages that changed, and glyphs that no
// other page has; each page is put together here as a picture.

import { all, around, first, make, scrollWithin } from "./elements.js";
import { post } from "./service.js";
import { elementOf } from "./tree.js";

/** @import { Coverage } from "./guide.js" */
/** @import { Diagnostic, Report } from "./service.js" */
/** @import { Standing } from "./standing.js" */
/** @import { Elements } from "./tree.js" */

/**
 * Words of a field on a page, in points from its upper left corner.
 * @typedef {{ path: string, text: string, x: number, y: number, width: number, height: number }} Place
 */

/**
 * A page as it is shown. The service leaves out the drawing of one that is known.
 * @typedef {{ hash: string, width: number, height: number, places: Place[], url: string }} Page
 */

/** @typedef {Omit<Page, "url"> & { svg: string }} Drawing */

export class Preview {
  /**
   * @param {HTMLElement} container
   * @param {string} [collection] the one whose checks count
   */
  constructor(container, collection) {
    this.ofCollection = collection ? `&collection=${encodeURIComponent(collection)}` : "";
    this.container = container;
    /** @type {Map<string, string>} */
    this.glyphs = new Map();
    // By this the service knows which of its workers remembers the draft.
    this.draft = Math.random().toString(36).slice(2);
    /** @type {Page[]} */
    this.pages = [];
    /** @type {string[]} */
    this.stale = [];
    /** @type {Elements} */
    this.elements = new Map();
    /** @type {HTMLElement | null} */
    this.marked = null;
    /**
     * Called with the element, the line within it and the words that were clicked on.
     * @type {(element: HTMLElement, path: string, words: string) => void}
     */
    this.onPick = () => {};
    container.addEventListener("click", (event) => this.pick(event));
  }

  /**
   * Shows this report; `elements` tells which element stands for which of its paths.
   * @param {Report} report
   * @param {Elements} elements
   * @param {AbortSignal} signal
   */
  async show(report, elements, signal) {
    const known = this.pages.map((page) => page.hash).join(",");
    const response = await post(`/api/preview?draft=${this.draft}&known=${known}${this.ofCollection}`, report, signal);
    /** @type {{ pages: Drawing[], glyphs: Record<string, string>, stood_in: string[], findings: Diagnostic[], coverage: Coverage, standing: Standing }} */
    const preview = await response.json();
    for (const [name, outline] of Object.entries(preview.glyphs)) this.glyphs.set(name, outline);
    this.elements = elements;
    const before = new Map(this.pages.map((page) => [page.hash, page]));
    const pages = preview.pages.map((page) => before.get(page.hash) || this.drawn(page));
    this.place(pages);
    this.mark(this.marked);
    this.lay("page-gap", (place) => preview.stood_in.includes(place.path));
    return preview;
  }

  /**
   * @param {Drawing} page
   * @returns {Page}
   */
  drawn({ svg: drawing, ...page }) {
    const names = new Set(Array.from(drawing.matchAll(/#([\w-]+)"/g), (found) => found[1]));
    /** @param {string} name */
    const glyph = (name) => `<path id="${name}" d="${this.glyphs.get(name) || ""}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${page.width} ${page.height}" width="${page.width}" height="${page.height}"><rect width="100%" height="100%" fill="#fff"/><defs>${Array.from(names, glyph).join("")}</defs>${drawing}</svg>`;
    return { ...page, url: URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) };
  }

  /**
   * Sheets stay where they are and only change their picture, so nothing jumps.
   * @param {Page[]} pages
   */
  place(pages) {
    const used = new Set(pages.map((page) => page.url));
    // A picture that is still being loaded must not lose its source.
    this.stale.forEach((url) => URL.revokeObjectURL(url));
    this.stale = this.pages.map((page) => page.url).filter((url) => !used.has(url));
    for (const other of this.container.querySelectorAll(":scope > :not(.sheet)")) other.remove();
    for (const sheet of Array.from(this.container.children).slice(pages.length)) sheet.remove();
    pages.forEach((page, index) => {
      const sheet = this.container.children[index] || this.container.appendChild(newSheet());
      const picture = first(sheet, "img", HTMLImageElement);
      picture.alt = `第${index + 1}页，共${pages.length}页`;
      picture.width = Math.round(page.width);
      picture.height = Math.round(page.height);
      if (picture.dataset.hash === page.hash) return;
      picture.dataset.hash = page.hash;
      picture.src = page.url;
    });
    this.pages = pages;
  }

  /** @param {MouseEvent} event */
  pick(event) {
    const picture = around(event.target, "img");
    if (!picture) return;
    const page = this.pages[all(this.container, "img").indexOf(picture)];
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * page.width;
    const y = ((event.clientY - box.top) / box.height) * page.height;
    /** @param {Place} place */
    const distance = (place) => {
      const dx = Math.max(place.x - x, 0, x - place.x - place.width);
      const dy = Math.max(place.y - y, 0, y - place.y - place.height);
      return dx + 3 * dy;
    };
    const [nearest] = page.places.filter((place) => distance(place) <= 60).sort((one, other) => distance(one) - distance(other));
    if (!nearest) return;
    const element = elementOf(this.elements, nearest.path);
    if (element) this.onPick(element, nearest.path, nearest.text);
  }

  /**
   * Marks what a control says, and brings it into view if it is out of it.
   * @param {HTMLElement | null} element
   * @param {boolean} [bringIntoView]
   */
  mark(element, bringIntoView) {
    this.marked = element;
    const [box] = this.lay("page-mark", (place) => element !== null && elementOf(this.elements, place.path) === element);
    if (box && bringIntoView) scrollWithin(this.container, box);
  }

  /**
   * Lays boxes of a class over the places that are chosen; gives them back.
   * @param {string} className
   * @param {(place: Place) => boolean} isChosen
   */
  lay(className, isChosen) {
    for (const old of all(this.container, `.${className}`)) old.remove();
    /** @type {HTMLElement[]} */
    const boxes = [];
    this.pages.forEach((page, index) => {
      for (const place of page.places.filter(isChosen)) {
        const box = make("span", className);
        box.style.left = `${(place.x / page.width) * 100}%`;
        box.style.top = `${((place.y - 3) / page.height) * 100}%`;
        box.style.width = `${(place.width / page.width) * 100}%`;
        box.style.height = `${((place.height + 6) / page.height) * 100}%`;
        this.container.children[index].append(box);
        boxes.push(box);
      }
    });
    return boxes;
  }
}

function newSheet() {
  const sheet = make("div", "sheet");
  const picture = make("img");
  picture.decoding = "async";
  sheet.append(picture);
  return sheet;
}
