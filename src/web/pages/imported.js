// @ts-check
// What came of a document that was imported, beside the form: each text of the source and the field it
// went to, what was cleaned, what to look at.

import { make, makeButton } from "./elements.js";
import { Panel } from "./panel.js";
import { elementOf } from "./tree.js";

/** @import { Elements } from "./tree.js" */

/**
 * What an import did, as the service tells it; of each place in the source the line, where there is one.
 * @typedef {object} Account
 * @property {string} kind
 * @property {{ all: number, placed: number }} sentences
 * @property {{ line?: number, path: string, label: string, text: string, confidence: string }[]} placed
 * @property {Change[]} cleaned
 * @property {{ line?: number, message: string }[]} doubts
 */

/** @typedef {{ line?: number, label: string, original: string, replacement: string }} Change */

/** @type {Record<string, string>} */
const CONFIDENCE = { medium: "把握：中", low: "把握：低" };

export class ImportedDocument {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} element
   * @param {HTMLElement} button
   */
  constructor(form, element, button) {
    this.button = button;
    this.panel = new Panel(form, element, button, () => (this.panel.isOpen ? this.panel.close() : this.panel.open()));
    /** @type {(element: HTMLElement, path: string, words?: string) => void} */
    this.onGo = () => {};
  }

  /**
   * Shows an account; `elements` tells which element stands for which path.
   * @param {string} name
   * @param {Account} account
   * @param {Elements} elements
   */
  show(name, account, elements) {
    const { all, placed } = account.sentences;
    const said = `来自“${name}”：共 ${all} 句，${placed} 句归到了栏目${placed < all ? "，其余在“未归类的文字”里" : ""}。`;
    /** @type {HTMLElement[]} */
    const parts = [make("p", "", said)];
    if (account.doubts.length) {
      parts.push(make("h3", "", "请核对"), listOf(account.doubts, (one) => [whence(one.line), one.message]));
    }
    parts.push(make("h3", "", "文字的去处"), this.places(account.placed, elements));
    if (account.cleaned.length) parts.push(make("h3", "", "已清理"), cleaned(account.cleaned));
    this.button.hidden = false;
    this.panel.show("导入对照", ...parts);
  }

  /** Another report stands in the form. */
  forget() {
    this.button.hidden = true;
    this.panel.close();
    this.panel.element.replaceChildren();
  }

  /**
   * The elements are those of now: an item that is moved later takes its texts along.
   * @param {Account["placed"]} placed
   * @param {Elements} elements
   */
  places(placed, elements) {
    return listOf(placed, (one) => {
      const element = elementOf(elements, one.path);
      const target = make("p", "import-target");
      if (element) {
        const go = () => element.isConnected && this.onGo(element, one.path, one.text);
        target.append("→ ", makeButton("jump", one.label, go));
      } else {
        target.append(`→ ${one.label}`);
      }
      if (CONFIDENCE[one.confidence]) target.append(make("span", "tag tag-warning", CONFIDENCE[one.confidence]));
      return [whence(one.line), make("q", "import-text", one.text), target];
    });
  }
}

/** @param {Change[]} changes */
function cleaned(changes) {
  /** @type {Map<string, Change[]>} */
  const kinds = new Map();
  for (const change of changes) kinds.set(change.label, [...(kinds.get(change.label) || []), change]);
  const box = make("div");
  for (const [label, some] of kinds) {
    const details = make("details");
    details.append(make("summary", "", `${label} ${some.length} 处`));
    details.append(listOf(some, (one) => [
      whence(one.line),
      make("del", "", one.original),
      ...(one.replacement ? [" → ", make("ins", "", one.replacement)] : []),
    ]));
    box.append(details);
  }
  return box;
}

/**
 * A list in which each has these parts.
 * @template T
 * @param {T[]} all
 * @param {(one: T) => (Node | string)[]} parts
 */
function listOf(all, parts) {
  const list = make("ol", "import-list");
  for (const one of all) {
    const entry = make("li");
    entry.append(...parts(one));
    list.append(entry);
  }
  return list;
}

/** @param {number} [line] */
function whence(line) {
  return make("span", "hint", line ? `来源第 ${line} 行 ` : "");
}
