// @ts-check
// The pages of a version beside what is said of it: from a field, a finding or a comment to its place on them,
// and from a place to its field. Without scripts a link leads to the same pages.

import { all, around, byId, make, makeButton, scrollWithin } from "./elements.js";
import { ask, refusal } from "./service.js";

/**
 * Where a field stands on a page, in hundredths of its width and height.
 * @typedef {{ path: string, left: number, top: number, right: number, bottom: number }} FieldOutline
 */

/** How far beside a text one may click, in hundredths of a page. */
const NEAR = 3;

/** How often, and after how long, a picture is asked for again that a busy service has refused. */
const TRIES = 3;
const REST = 3000;

const panel = byId("version-pages");
const pages = byId("pages");
const state = byId("pages-state");

/** @type {Map<HTMLElement, FieldOutline[]>} */
const fields = new Map();

for (const element of all(document, "[data-without-script]")) element.remove();
panel.hidden = false;
byId("content").classList.add("is-beside");
open();

async function open() {
  state.textContent = "正在排版……";
  try {
    const page = new DOMParser().parseFromString(await (await ask(panel.dataset.pages || "")).text(), "text/html");
    // Each picture is asked for when it comes into sight.
    pages.append(...all(page, "#sheets > .sheet"));
    for (const sheet of all(pages, ".sheet")) fields.set(sheet, (sheet.dataset.fields || "").split(";").map(outline));
    state.textContent = `共 ${fields.size} 页`;
    for (const element of all(document, "[data-field]")) offer(element);
    pages.addEventListener("click", pick);
    pages.addEventListener("error", askAgain, true);
  } catch (error) {
    state.textContent = `${refusal(error).message}。可以下载 PDF 来看`;
  }
}

/** @param {Event} event */
function askAgain(event) {
  const picture = event.target;
  if (!(picture instanceof HTMLImageElement)) return;
  const tries = Number(picture.dataset.tries || 0);
  if (tries >= TRIES) return;
  picture.dataset.tries = String(tries + 1);
  const address = picture.src;
  setTimeout(() => {
    picture.src = address;
  }, REST);
}

/**
 * @param {string} written
 * @returns {FieldOutline}
 */
function outline(written) {
  const [path, ...numbers] = written.split(" ");
  const [left, top, right, bottom] = numbers.map(Number);
  return { path, left, top, right, bottom };
}

/**
 * Leads from what is said of a field to its place, where it has one.
 * @param {HTMLElement} element
 */
function offer(element) {
  const path = element.dataset.field || "";
  if (!path || !placesOf(path).length) return;
  const button = makeButton("jump to-page", "看版面", () => show(path));
  button.setAttribute("aria-label", `看版面：${(element.textContent || "").trim().slice(0, 40)}`);
  (element.matches("article") ? element.children[0] : element).append(" ", button);
}

/**
 * The places of a field and of all within it; where it has none, those of the nearest that it is within.
 * @param {string} path
 */
function placesOf(path) {
  for (let wanted = path; wanted; wanted = wanted.replace(/(\.[^.[]*|\[\d+\]|^[^.[]*)$/, "")) {
    const found = Array.from(fields).flatMap(([sheet, all]) =>
      all.filter((one) => isWithin(one.path, wanted)).map((one) => ({ sheet, one })),
    );
    if (found.length) return found;
  }
  return [];
}

/**
 * @param {string} path
 * @param {string} outer
 */
function isWithin(path, outer) {
  return path.startsWith(outer) && ["", ".", "["].includes(path.charAt(outer.length));
}

/** @param {string} path */
function show(path) {
  for (const old of all(pages, ".page-mark")) old.remove();
  const boxes = placesOf(path).map(({ sheet, one }) => {
    const box = make("span", "page-mark");
    box.style.left = `${one.left}%`;
    box.style.top = `${one.top - 0.4}%`;
    box.style.width = `${one.right - one.left}%`;
    box.style.height = `${one.bottom - one.top + 0.8}%`;
    sheet.append(box);
    return box;
  });
  if (!boxes.length) return;
  panel.scrollIntoView({ block: "nearest" });
  scrollWithin(pages, boxes[0]);
}

/**
 * Goes to what is said of the field that was clicked on.
 * @param {MouseEvent} event
 */
function pick(event) {
  const sheet = around(event.target, ".sheet");
  if (!sheet) return;
  const box = sheet.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * 100;
  const y = ((event.clientY - box.top) / box.height) * 100;
  /** @param {FieldOutline} one */
  const distance = (one) => Math.max(one.left - x, x - one.right, one.top - y, y - one.bottom, 0);
  const [nearest] = (fields.get(sheet) || []).filter((one) => distance(one) <= NEAR).sort((one, other) => distance(one) - distance(other));
  if (!nearest) return;
  const said = all(document, "#version dt[data-field]");
  const target = said.find((one) => isWithin(nearest.path, one.dataset.field || "") || isWithin(one.dataset.field || "", nearest.path));
  if (!target) {
    // It stands on another page of the list.
    const more = byId("version").dataset.more;
    if (more) window.location.assign(`${more}${encodeURIComponent(nearest.path)}#version`);
    return;
  }
  for (const old of all(document, ".is-picked")) old.classList.remove("is-picked");
  target.classList.add("is-picked");
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
  show(target.dataset.field || "");
}
