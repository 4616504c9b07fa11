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
 * @property {WordAccount} [word]
 */

/**
 * What people did to a Word document.
 * @typedef {object} WordAccount
 * @property {boolean} is_public
 * @property {{ author: string, day?: string, path?: string, label?: string, quoted: string, text: string }[]} comments
 * @property {{ line: number, message: string }[]} deeds
 * @property {Difference[]} differences
 */

/**
 * A field that the document has otherwise than the report that it was made of.
 * @typedef {object} Difference
 * @property {string} path
 * @property {string} label
 * @property {"addition" | "removal" | "move" | "rewording"} alteration
 * @property {string} [text]
 * @property {string} [from]
 * @property {{ kind: "both" | "old" | "new", text: string }[]} [stretches]
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
    if (account.word) parts.push(...this.changes(account.word, elements));
    if (account.placed.length) parts.push(make("h3", "", "文字的去处"), this.places(account.placed, elements));
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
   * What was changed in Word, and what was said beside it.
   * @param {WordAccount} word
   * @param {Elements} elements
   */
  changes({ is_public, differences, deeds, comments }, elements) {
    /** @type {HTMLElement[]} */
    const parts = [];
    if (is_public) parts.push(make("p", "", "文档是公开版：报送版才有的版头和版记不在文档里，导入后也没有。"));
    if (differences.length) {
      const told = (/** @type {Difference} */ one) => [
        make("span", "tag", ALTERATIONS[one.alteration]),
        " ",
        this.place(one.path, one.label, one.text || "", elements),
        marked(one),
      ];
      parts.push(make("h3", "", `和原稿相比改了 ${differences.length} 处`), listOf(differences, told));
    }
    if (deeds.length) {
      parts.push(make("h3", "", "看出来的"), listOf(deeds, (one) => [whence(one.line), one.message]));
    }
    if (comments.length) {
      const told = (/** @type {WordAccount["comments"][number]} */ one) => [
        make("span", "hint", [one.author, one.day].filter(Boolean).join("，")),
        " ",
        ...(one.path && one.label ? [this.place(one.path, one.label, one.quoted, elements)] : []),
        ...(one.quoted ? [make("q", "import-text", one.quoted)] : []),
        make("p", "import-target", one.text),
      ];
      parts.push(make("h3", "", `批注 ${comments.length} 条`), listOf(comments, told));
    }
    return parts;
  }

  /**
   * A field by its name; where it stands in the form, the way to it.
   * @param {string} path
   * @param {string} label
   * @param {string} words
   * @param {Elements} elements
   */
  place(path, label, words, elements) {
    const element = elementOf(elements, path);
    if (!element) return make("span", "", label);
    return makeButton("jump", label, () => element.isConnected && this.onGo(element, path, words));
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

/** @type {Record<Difference["alteration"], string>} */
const ALTERATIONS = { addition: "增加", removal: "删除", move: "移动", rewording: "改写" };

/**
 * The words of a field as they were and are.
 * @param {Difference} difference
 */
function marked({ alteration, text, stretches }) {
  const box = make("p", "import-target");
  for (const { kind, text } of stretches || []) {
    box.append(kind === "both" ? text : make(kind === "new" ? "ins" : "del", "", text));
  }
  if (text) box.append(make(alteration === "removal" ? "del" : "ins", "", text));
  return box;
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
