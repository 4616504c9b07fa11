// @ts-check
// Last year's report beside this year's: what was planned, to be answered one by one, what was written, to be read
// again, and what stands here word for word as it stood there.

import { all, controlsIn, make, makeButton, putBeside } from "./elements.js";
import { Panel } from "./panel.js";

/** @import { Report } from "./service.js" */
/** @import { Control } from "./elements.js" */

/** @typedef {{ heading?: string, tasks: { text: string, lead?: string }[] }} PlannedSection */

/**
 * Last year's report, and what it planned for this year.
 * @typedef {{ report: Report, tasks: { sections?: PlannedSection[] } }} LastReport
 */

/** Shorter texts may be the same from year to year. */
const SHORTEST = 15;

/** @type {[string, string][]} */
const SECTIONS = [
  ["preface", "导语"],
  ["measures", "一、主要举措和成效"],
  ["problems", "二、存在的不足和原因"],
  ["duties", "三、第一责任人履职情况"],
  ["plans", "四、下一年度主要安排"],
  ["other", "五、其他需要报告的情况"],
];

export class LastYear {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} element
   * @param {HTMLElement} button
   */
  constructor(form, element, button) {
    this.form = form;
    this.button = button;
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-controls", element.id);
    this.panel = new Panel(form, element, button, () => (this.panel.isOpen ? this.panel.close() : this.show()));
    /** @type {LastReport | null} */
    this.last = null;
    /** @type {(element: HTMLElement, path: string, words?: string) => void} */
    this.onGo = () => {};
    /** Called with the heading under which something planned is to be reported. @type {(heading: string) => void} */
    this.onAnswer = () => {};
  }

  /**
   * Another report stands in the form, begun from this one or from none.
   * @param {LastReport | null} last
   */
  follow(last) {
    this.last = last;
    this.button.hidden = !last;
    if (!last && this.panel.isOpen) this.panel.close();
  }

  show() {
    if (!this.last) return;
    const { report, tasks } = this.last;
    const same = this.unchanged(report);
    /** @type {HTMLElement[]} */
    const parts = [];
    if (same.length) {
      const list = make("ul", "import-list");
      for (const control of same) {
        const entry = make("li");
        entry.append(makeButton("jump", control.value.slice(0, 40), () => control.isConnected && this.onGo(control, control.name)));
        list.append(entry);
      }
      parts.push(make("h3", "", `和上年写得一样的 ${same.length} 处，请改写`), list);
    }
    const sections = tasks.sections || [];
    if (sections.length) {
      const list = make("ol", "import-list");
      list.append(...sections.map((section) => this.task(section)));
      parts.push(make("h3", "", "上年的安排，今年要逐项报告"), list);
    }
    parts.push(make("h3", "", "上年的文字"), ...SECTIONS.map(([key, title]) => written(title, report[key])));
    this.panel.show(`${report.year || "上"}年的报告`, ...parts);
  }

  /** Says beside each text that is still last year's that it is. */
  tell() {
    for (const old of all(this.form, ".as-last-year")) old.remove();
    if (!this.last) return;
    for (const control of this.unchanged(this.last.report)) {
      putBeside(control, make("p", "as-last-year taken finding finding-warning", "和上年报告里写得一样，请按今年的情况改写。"));
    }
  }

  /** @param {PlannedSection} section */
  task({ heading = "", tasks }) {
    const entry = make("li");
    if (heading) entry.append(make("strong", "", heading));
    for (const task of tasks) entry.append(make("p", "import-target", task.text));
    const has = heading && controlsIn(this.form).some((control) => /^measures\[\d+\]\.heading$/.test(control.name) && control.value === heading);
    if (has) entry.append(make("span", "tag tag-note", "已有这项举措"));
    else {
      entry.append(makeButton("button button-small", "添加为今年的举措", () => {
        this.onAnswer(heading);
      }));
    }
    return entry;
  }

  /**
   * The fields whose text is last year's, word for word but for the years.
   * @param {Report} report
   */
  unchanged(report) {
    const old = new Set(textsOf(SECTIONS.map(([key]) => report[key])).map(timeless));
    // What was planned bears the same heading when it is reported.
    const isText = (/** @type {Control} */ control) => control.value.length >= SHORTEST && !control.name.endsWith(".heading");
    return controlsIn(this.form).filter((control) => isText(control) && old.has(timeless(control.value.trim())));
  }
}

/**
 * A text without its years.
 * @param {string} text
 */
function timeless(text) {
  return text.replace(/20\d\d/g, "");
}

/**
 * What was written in a part, folded.
 * @param {string} title
 * @param {unknown} value
 */
function written(title, value) {
  const details = make("details");
  details.append(make("summary", "", title));
  const texts = textsOf(value);
  for (const text of texts.length ? texts : ["（没有内容）"]) details.append(make("p", "shown-text", text));
  return details;
}

/**
 * All texts in a value, in their order.
 * @param {unknown} value
 * @returns {string[]}
 */
function textsOf(value) {
  if (typeof value === "string") return value.trim() ? [value.trim()] : [];
  if (!value || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => (["answers", "lead_unit", "holder", "area"].includes(key) ? [] : textsOf(inner)));
}
