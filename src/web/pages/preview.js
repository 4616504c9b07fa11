// The typeset pages beside the form. The service sends only pages that changed, and glyphs that no
// other page has; each page is put together here as a picture.

import { post } from "./service.js";
import { elementOf } from "./tree.js";

export class Preview {
  constructor(container) {
    this.container = container;
    this.glyphs = new Map();
    // By this the service knows which of its workers remembers the draft.
    this.draft = Math.random().toString(36).slice(2);
    this.pages = [];
    this.stale = [];
    this.elements = new Map();
    /** Called with the element, the line within it and the words that were clicked on. */
    this.onPick = () => {};
    container.addEventListener("click", (event) => this.pick(event));
  }

  /** Shows this report; `elements` tells which element stands for which of its paths. */
  async show(report, elements, signal) {
    const known = this.pages.map((page) => page.hash).join(",");
    const response = await post(`/api/preview?draft=${this.draft}&known=${known}`, report, signal);
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

  drawn(page) {
    const names = new Set(Array.from(page.svg.matchAll(/#([\w-]+)"/g), (found) => found[1]));
    const glyph = (name) => `<path id="${name}" d="${this.glyphs.get(name) || ""}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${page.width} ${page.height}" width="${page.width}" height="${page.height}"><rect width="100%" height="100%" fill="#fff"/><defs>${Array.from(names, glyph).join("")}</defs>${page.svg}</svg>`;
    return { ...page, svg: null, url: URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" })) };
  }

  // Sheets stay where they are and only change their picture, so nothing jumps.
  place(pages) {
    const used = new Set(pages.map((page) => page.url));
    // A picture that is still being loaded must not lose its source.
    this.stale.forEach((url) => URL.revokeObjectURL(url));
    this.stale = this.pages.map((page) => page.url).filter((url) => !used.has(url));
    for (const other of this.container.querySelectorAll(":scope > :not(.sheet)")) other.remove();
    while (this.container.children.length > pages.length) this.container.lastElementChild.remove();
    pages.forEach((page, index) => {
      const sheet = this.container.children[index] || this.container.appendChild(newSheet());
      const picture = sheet.querySelector("img");
      picture.alt = `第${index + 1}页，共${pages.length}页`;
      picture.width = Math.round(page.width);
      picture.height = Math.round(page.height);
      if (picture.dataset.hash === page.hash) return;
      picture.dataset.hash = page.hash;
      picture.src = page.url;
    });
    this.pages = pages;
  }

  pick(event) {
    const picture = event.target.closest("img");
    if (!picture) return;
    const sheet = picture.parentElement;
    const page = this.pages[Array.prototype.indexOf.call(this.container.children, sheet)];
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * page.width;
    const y = ((event.clientY - box.top) / box.height) * page.height;
    const distance = (place) => {
      const dx = Math.max(place.x - x, 0, x - place.x - place.width);
      const dy = Math.max(place.y - y, 0, y - place.y - place.height);
      return dx + 3 * dy;
    };
    const nearest = page.places.reduce((best, place) => (!best || distance(place) < distance(best) ? place : best), null);
    if (!nearest || distance(nearest) > 60) return;
    const element = elementOf(this.elements, nearest.path);
    if (element) this.onPick(element, nearest.path, nearest.text);
  }

  /** Marks what a control says, and brings it into view if it is out of it. */
  mark(element, bringIntoView) {
    this.marked = element;
    const first = this.lay("page-mark", (place) => element && elementOf(this.elements, place.path) === element);
    if (first && bringIntoView) scrollInto(this.container, first);
  }

  /** Lays boxes of a class over the places that are chosen; gives back the first. */
  lay(className, isChosen) {
    for (const old of this.container.querySelectorAll(`.${className}`)) old.remove();
    let first = null;
    this.pages.forEach((page, index) => {
      for (const place of page.places.filter(isChosen)) {
        const box = document.createElement("span");
        box.className = className;
        box.style.left = `${(place.x / page.width) * 100}%`;
        box.style.top = `${((place.y - 3) / page.height) * 100}%`;
        box.style.width = `${(place.width / page.width) * 100}%`;
        box.style.height = `${((place.height + 6) / page.height) * 100}%`;
        this.container.children[index].append(box);
        first = first || box;
      }
    });
    return first;
  }
}

function newSheet() {
  const sheet = document.createElement("div");
  sheet.className = "sheet";
  const picture = document.createElement("img");
  picture.decoding = "async";
  sheet.append(picture);
  return sheet;
}

// `scrollIntoView` would scroll the form as well.
function scrollInto(container, element) {
  const box = element.getBoundingClientRect();
  const around = container.getBoundingClientRect();
  if (box.top < around.top || box.bottom > around.bottom) {
    container.scrollTop += box.top - around.top - around.height / 3;
  }
}
