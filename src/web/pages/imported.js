// What came of a document that was imported, beside the form: each text of the source and the field it
// went to, what was cleaned, what to look at.

import { make } from "./elements.js";
import { elementOf } from "./tree.js";

const CONFIDENCE = { medium: "把握：中", low: "把握：低" };

export class ImportedDocument {
  constructor(form, panel, button) {
    this.form = form;
    this.panel = panel;
    this.button = button;
    this.onGo = () => {};
    this.onOpen = () => {};
    button.addEventListener("click", () => this.toggle());
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(false);
    });
  }

  /** Shows an account; `elements` tells which element stands for which path. */
  show(name, account, elements) {
    const { all, placed } = account.sentences;
    const said = `来自“${name}”：共 ${all} 句，${placed} 句归到了栏目${placed < all ? "，其余在“未归类的文字”里" : ""}。`;
    const parts = [this.head(), make("p", "", said)];
    if (account.doubts.length) {
      parts.push(make("h3", "", "请核对"), listOf(account.doubts, (one) => [whence(one.line), one.message]));
    }
    parts.push(make("h3", "", "文字的去处"), this.places(account.placed, elements));
    if (account.cleaned.length) parts.push(make("h3", "", "已清理"), cleaned(account.cleaned));
    this.panel.replaceChildren(...parts);
    this.button.hidden = false;
    this.toggle(true);
  }

  /** Another report stands in the form. */
  forget() {
    if (!this.panel.hidden) this.toggle(false);
    this.panel.replaceChildren();
    this.button.hidden = true;
  }

  toggle(shows = this.panel.hidden) {
    if (shows) this.onOpen();
    this.panel.hidden = !shows;
    this.button.setAttribute("aria-expanded", String(shows));
    this.form.classList.toggle("has-panel", shows);
    if (shows) this.panel.querySelector("h2").focus();
    else if (!this.button.hidden) this.button.focus();
  }

  head() {
    const head = make("div", "panel-head");
    const heading = make("h2", "", "导入对照");
    heading.tabIndex = -1;
    const close = make("button", "button button-quiet button-small", "关闭");
    close.type = "button";
    close.addEventListener("click", () => this.toggle(false));
    head.append(heading, close);
    return head;
  }

  // The elements are those of now: an item that is moved later takes its texts along.
  places(placed, elements) {
    return listOf(placed, (one) => {
      const element = elementOf(elements, one.path);
      const target = make("p", "import-target");
      if (element) {
        const jump = make("button", "jump", one.label);
        jump.type = "button";
        jump.addEventListener("click", () => element.isConnected && this.onGo(element, one.path, one.text));
        target.append("→ ", jump);
      } else {
        target.append(`→ ${one.label}`);
      }
      if (CONFIDENCE[one.confidence]) target.append(make("span", "tag tag-warning", CONFIDENCE[one.confidence]));
      return [whence(one.line), make("q", "import-text", one.text), target];
    });
  }
}

function cleaned(changes) {
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

function listOf(all, parts) {
  const list = make("ol", "import-list");
  for (const one of all) {
    const entry = make("li");
    entry.append(...parts(one));
    list.append(entry);
  }
  return list;
}

function whence(line) {
  return make("span", "hint", line ? `来源第 ${line} 行 ` : "");
}
