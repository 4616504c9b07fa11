// @ts-check
// What the checks find: beside the field, and in a panel that leads to it.

import { all, around, asControl, byId, keepCursor, make, makeButton, placeIn, putBeside, stopLike, unfold } from "./elements.js";
import { announce } from "./notices.js";
import { Panel } from "./panel.js";
import { ask, refusal } from "./service.js";
import { elementOf } from "./tree.js";

/** @import { Diagnostic } from "./service.js" */
/** @import { Elements } from "./tree.js" */

/**
 * A diagnostic with the element that it is about; by its key it is known again.
 * @typedef {Diagnostic & { element: HTMLElement | null, key: string }} Finding
 */

const WORDS = { error: "错误", warning: "警告", note: "提示" };
const ORDER = /** @type {const} */ (["error", "warning", "note"]);

/** What the id of a list of findings has behind that of the element that they are of. */
const LIST = "-findings";

export class Findings {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} element
   * @param {HTMLElement} button
   */
  constructor(form, element, button) {
    this.form = form;
    this.button = button;
    this.panel = new Panel(form, element, button, () => (this.lists ? this.panel.close() : this.list()));
    this.jumps = make("ul", "jumps");
    this.nothing = make("p", "", "没有发现问题。");
    /** @type {Finding[]} */
    this.found = [];
    /**
     * Sections that the writer has been in. What is missing elsewhere is only said in the panel.
     * @type {Set<string>}
     */
    this.visited = new Set();
    this.showsAll = false;
    /** Whether anything was written. */
    this.isBegun = false;
    /** Called with the findings whose remedies are taken. @type {(found: Finding[]) => void} */
    this.onAdopt = () => {};
    /** The key of the finding that one was led to last. */
    this.last = "";
    /** Called when it is known anew what is wrong. */
    this.onShow = () => {};
    /** @type {(element: HTMLElement, path: string, words?: string) => void} */
    this.onGo = () => {};
    form.addEventListener("click", (event) => {
      const link = around(event.target, 'a[href^="/explain/"]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.explain(link.getAttribute("href") || "");
    });
  }

  /**
   * @param {Diagnostic[]} found
   * @param {Elements} elements
   */
  show(found, elements) {
    this.found = found
      .map((one) => ({ ...one, element: elementOf(elements, one.path), message: one.message.replace(`（${one.path}）`, "") }))
      .map((one) => ({ ...one, key: JSON.stringify([one.severity, one.code, one.path, Boolean(one.element), one.message, one.hint, one.span, one.remedy]) }))
      .sort((one, other) => ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity) || order(one, other));
    this.beside();
    this.count();
    if (this.lists) this.renew();
    this.onShow();
  }

  /**
   * Notes that the writer has been in a section.
   * @param {string} section
   */
  visit(section) {
    if (this.visited.has(section)) return;
    this.visited.add(section);
    this.beside();
  }

  errors() {
    return this.found.filter((one) => one.severity === "error").length;
  }

  beside() {
    /** @type {Map<HTMLElement, Finding[]>} */
    const lists = new Map(all(this.form, ".findings").map((list) => [list, []]));
    const invalid = new Set();
    for (const one of this.found) {
      const section = around(one.element, "[data-section]");
      if (!one.element || !section || !(this.showsAll || this.visited.has(section.id))) continue;
      const list = document.getElementById(one.element.id + LIST) || newList(one.element);
      lists.set(list, [...(lists.get(list) || []), one]);
      if (one.severity === "error" && asControl(one.element)) invalid.add(one.element);
      // What is wrong is not left folded.
      if (one.severity === "error" && !list.childElementCount) unfold(one.element);
    }
    for (const [list, found] of lists) {
      const like = stopLike(list, "a");
      keepCursor(list, () => hold(list, found, besideField), () => like() || placeIn(byId(list.id.slice(0, -LIST.length))));
    }
    for (const control of all(this.form, "[aria-invalid]")) {
      if (!invalid.has(control)) control.removeAttribute("aria-invalid");
    }
    for (const control of invalid) control.setAttribute("aria-invalid", "true");
  }

  /** What is not begun is not wrong yet: before anything is written nothing is counted. */
  count() {
    if (!this.isBegun && !this.showsAll) {
      this.button.textContent = "检查结果";
      delete this.button.dataset.severity;
      return;
    }
    const counts = ORDER.map((severity) => ({ severity, count: this.found.filter((one) => one.severity === severity).length }));
    const said = counts.filter(({ count }) => count);
    const words = said.map(({ severity, count }) => `${count} 处${WORDS[severity]}`).join("，") || "没有发现问题";
    if (words !== this.button.textContent) announce(words);
    this.button.textContent = words;
    this.button.dataset.severity = said.length ? said[0].severity : "none";
  }

  /** Whether the list is what the panel shows. */
  get lists() {
    return this.panel.isOpen && this.jumps.isConnected;
  }

  /** Whoever stands in the list stays there. */
  renew() {
    keepCursor(this.panel.element, () => this.fill(), stopLike(this.panel.element, "h2, button, a"));
  }

  /** Lists all that was found in the panel. */
  list() {
    this.showsAll = true;
    this.beside();
    this.fill();
    this.panel.show("检查结果", this.jumps, this.nothing);
  }

  fill() {
    hold(this.jumps, this.found, (one) => this.entry(one));
    this.jumps.hidden = !this.found.length;
    this.nothing.hidden = Boolean(this.found.length);
  }

  /** @param {Finding} one */
  entry(one) {
    const entry = make("li", `finding finding-${one.severity}`);
    entry.append(make("span", "finding-word", WORDS[one.severity]));
    entry.append(one.element ? makeButton("jump", one.message, () => this.go(one.key)) : one.message);
    entry.append(hint(one), ...this.remedies(one));
    return entry;
  }

  /**
   * The ways to take what a finding says would be right.
   * @param {Finding} one
   */
  remedies(one) {
    if (!one.remedy || !one.element) return [];
    const line = make("p", "buttons");
    const of = (/** @type {(now: Finding) => boolean} */ is) => this.found.filter((now) => now.remedy && is(now));
    line.append(makeButton("button button-small", "采纳", () => this.onAdopt(of((now) => now.key === one.key))));
    if (of((now) => now.code === one.code).length > 1) {
      line.append(makeButton("button button-quiet button-small", "同类的都采纳", () => this.onAdopt(of((now) => now.code === one.code))));
    }
    return [line];
  }

  /**
   * To the next finding in the form's order, or the one before, from where the cursor is.
   * @param {1 | -1} by
   */
  step(by) {
    const all = this.found.filter((one) => one.element).sort(order);
    if (!all.length) {
      announce("没有发现问题");
      return;
    }
    const cursor = { element: document.activeElement instanceof HTMLElement ? document.activeElement : null };
    const last = all.findIndex((one) => one.key === this.last && this.holdsCursor(one));
    const ahead = all.findIndex((one) => order(one, cursor) > 0);
    const behind = (ahead < 0 ? all.length : ahead) - 1;
    const next = last >= 0 ? last + by : by > 0 ? (ahead < 0 ? 0 : ahead) : behind;
    const one = all[(next + all.length) % all.length];
    this.last = one.key;
    this.go(one.key);
    announce(`${WORDS[one.severity]}：${one.message}`);
  }

  /** @param {Finding} one */
  holdsCursor({ element }) {
    return Boolean(element && element.contains(document.activeElement));
  }

  /**
   * To the element that stands at the path by now.
   * @param {string} key
   */
  go(key) {
    const one = this.found.find((now) => now.key === key);
    if (one && one.element) this.onGo(one.element, one.path, one.span && one.span.words);
  }

  /** @param {string} path */
  async explain(path) {
    let article;
    try {
      const page = await (await ask(path)).text();
      article = new DOMParser().parseFromString(page, "text/html").getElementById("explanation");
    } catch (error) {
      article = make("p", "", refusal(error).message);
    }
    const back = makeButton("button button-small", "回到检查结果", () => this.list());
    this.panel.show("说明", ...(article ? [article] : []), back);
  }
}

/**
 * Brings a list to what was found. What was there already keeps its element: a click that has begun on
 * it, the cursor and a screen reader stay with it.
 * @param {HTMLElement} list
 * @param {Finding[]} found
 * @param {(one: Finding) => HTMLElement} draw
 */
function hold(list, found, draw) {
  const before = all(list, ":scope > *");
  const entries = found.map((one) => {
    const at = before.findIndex((entry) => entry.dataset.key === one.key);
    if (at >= 0) return before.splice(at, 1)[0];
    const entry = draw(one);
    entry.dataset.key = one.key;
    return entry;
  });
  for (const gone of before) gone.remove();
  entries.forEach((entry, index) => {
    if (list.children[index] !== entry) list.insertBefore(entry, list.children[index] || null);
  });
}

/**
 * As they stand in the form.
 * @param {{ element: HTMLElement | null }} one
 * @param {{ element: HTMLElement | null }} other
 */
function order(one, other) {
  if (!one.element || !other.element) return Number(Boolean(one.element)) - Number(Boolean(other.element));
  const place = one.element.compareDocumentPosition(other.element);
  if (place & Node.DOCUMENT_POSITION_FOLLOWING) return -1;
  return place & Node.DOCUMENT_POSITION_PRECEDING ? 1 : 0;
}

/**
 * Makes room for what is found of an element, and has it described by that.
 * @param {HTMLElement} element
 */
function newList(element) {
  const list = make("ul", "findings");
  list.id = element.id + LIST;
  putBeside(element, list);
  if (asControl(element)) {
    const described = element.getAttribute("aria-describedby");
    element.setAttribute("aria-describedby", described ? `${described} ${list.id}` : list.id);
  }
  return list;
}

/** @param {Finding} one */
function besideField(one) {
  const entry = make("li", `finding finding-${one.severity}`);
  entry.append(make("span", "finding-word", WORDS[one.severity]), one.message, hint(one));
  return entry;
}

/** @param {Finding} one */
function hint(one) {
  const line = make("span", "finding-hint", `${one.hint} `);
  const link = make("a", "", "说明");
  link.href = `/explain/${encodeURIComponent(one.code)}`;
  line.append(link);
  return line;
}
