// @ts-check
// The drafts of this browser as the writer meets them: saved as one types, begun, taken up again, listed.

import { byId, make, makeButton } from "./elements.js";
import { fit } from "./areas.js";
import { clock, dismiss, notice, state, when } from "./notices.js";
import { says } from "./outline.js";
import { drafts, findings, form, imported, lastYear } from "./parts.js";
import { refresh } from "./proof.js";
import { download, titleOf } from "./report.js";
import { followEdition } from "./sections.js";
import { forgetStanding } from "./standing.js";
import { noteStep, steps } from "./steps.js";
import { fillForm, readForm } from "./tree.js";
import { isComposing } from "./typing.js";

/** @import { Draft } from "./drafts.js" */
/** @import { LastReport } from "./last_year.js" */
/** @import { Report } from "./service.js" */

const SAVE_AFTER = 300;

/** Notices that speak of the draft that stood in the form before. */
const OUTDATED = ["newer", "drafts", "removed", "pdf", "file", "pasted"];

let saving = 0;

/** Saves the draft when nothing has been typed for a moment. */
export function saveSoon() {
  window.clearTimeout(saving);
  // What is not a word yet is saved when it is one, or when the window goes.
  saving = window.setTimeout(() => isComposing() || save(), SAVE_AFTER);
}

/** Saves what waits to be saved. */
export function saveNow() {
  if (saving) save();
}

/** What was typed last is not saved any more. */
export function dropUnsaved() {
  window.clearTimeout(saving);
  saving = 0;
}

function save() {
  dropUnsaved();
  const { report } = readForm(form);
  const { isSaved, saved, newer } = drafts.save(report, titleOf(report));
  if (!isSaved) {
    state("没有保存：浏览器的存储空间已满", true);
    notice("full", "error", "浏览器的存储空间已满，新写的内容没有保存到本机。请现在就保存为文件，或删除不用的草稿。", [
      ["保存为文件", () => download("yaml")],
      ["本机的草稿……", showDrafts],
    ]);
    return;
  }
  dismiss("full");
  state(`已保存 ${clock(saved)}`);
  if (newer) {
    notice("newer", "warning", `另一个窗口在 ${clock(newer.saved)} 保存了同一份草稿。这里写的已另存成一份，两份都在，较新的是这里的这份。`, [
      ["换成那一份", () => take(newer)],
    ]);
  }
}

/**
 * Begins another draft with a report; `said` tells where it comes from.
 * @param {Report} report
 * @param {string} said
 * @param {LastReport | null} [last] the report of the year before that it is begun from
 */
export function begin(report, said, last = null) {
  saveNow();
  asStep(() => {
    lay(report);
    drafts.lastYear = last;
    // What a report of last year leaves to this one is no text that was changed.
    drafts.opened = last ? null : report;
    lastYear.follow(last);
    save();
  });
  notice("file", "note", `${said}${said.endsWith("。") ? "" : "。"}先前写的仍在“本机的草稿”里，也可以撤销。`, []);
}

/**
 * What leads to another draft is one step, and undone it leads back.
 * @param {() => void} act
 */
function asStep(act) {
  noteStep();
  const before = drafts.id;
  act();
  noteStep([before, drafts.id]);
}

/**
 * Goes on with the draft to which a step leads.
 * @param {string} id
 */
function follow(id) {
  const draft = drafts.load(id);
  if (draft) drafts.open(draft);
  else drafts.begin();
  imported.forget();
  lastYear.follow(drafts.lastYear);
  followEdition();
  OUTDATED.forEach(dismiss);
}

/** Begins another draft with an empty form. */
export function startAnew() {
  saveNow();
  asStep(() => lay({ year: String(new Date().getFullYear() - 1) }));
  state("");
  findings.visited.clear();
  findings.showsAll = false;
  findings.isBegun = false;
  byId("content").focus();
}

/** @param {Report} report */
function lay(report) {
  drafts.begin();
  imported.forget();
  lastYear.follow(null);
  fill(report);
  OUTDATED.forEach(dismiss);
}

/**
 * Goes on with a draft.
 * @param {Draft} draft
 */
export function take(draft) {
  asStep(() => {
    drafts.open(draft);
    drafts.asOpened = draft.report;
    imported.forget();
    lastYear.follow(drafts.lastYear);
    fill(draft.report);
  });
  state(`已恢复 ${clock(draft.saved)} 保存的草稿`);
  ["newer", "drafts"].forEach(dismiss);
  if (draft.contract !== drafts.contract) {
    notice("contract", "warning", "这份草稿是用旧版的表填写的，已按现在的栏目填入，请核对一遍。", []);
  }
}

/** @param {Report} report */
function fill(report) {
  forgetStanding();
  findings.isBegun = true;
  const leftovers = fillForm(form, report);
  fit(form.querySelectorAll("textarea"));
  for (const details of form.querySelectorAll("details")) {
    if (details.matches("[data-section], .more")) details.open = says(details);
  }
  followEdition();
  refresh();
  dismiss("leftovers");
  if (leftovers.length) {
    const list = make("dl");
    for (const [path, text] of leftovers) list.append(make("dt", "", path), make("dd", "", text));
    notice("leftovers", "warning", "下面的内容在表里没有对应的栏目，没有填进来。需要的请抄到合适的地方：", [], list);
  }
}

/** Lists the drafts that there are, to be taken up or removed. */
export function showDrafts() {
  const found = drafts.all();
  const list = make("ul", "drafts");
  list.append(...found.map(entry));
  const said = found.length ? "本机的草稿，只在这台电脑的这个浏览器里：" : "本机还没有草稿。";
  notice("drafts", "note", said, [], list);
}

/** @param {Draft} draft */
function entry(draft) {
  const line = make("li");
  const isOpen = draft.id === drafts.id;
  const goOn = makeButton("button button-small", isOpen ? "正在写" : "打开", () => {
    saveNow();
    take(draft);
  });
  goOn.disabled = isOpen;
  const drop = makeButton("button button-quiet button-small", "删除", () => {
    drafts.remove(draft.id);
    line.remove();
    notice("dropped", "note", `已从本机删除“${draft.title}”。`, [["撤销删除", () => {
      drafts.put(draft);
      dismiss("dropped");
      showDrafts();
    }]]);
  });
  drop.hidden = isOpen;
  line.append(make("span", "draft-title", draft.title), make("span", "hint", `${when(draft.saved)}保存`), goOn, drop);
  return line;
}

/** Says so when another window has saved a newer state of the draft that is open here. */
export function watchOthers() {
  steps.onDraft = follow;
  drafts.onNewer = (newer) => {
    notice("newer", "warning", `另一个窗口在 ${clock(newer.saved)} 保存了同一份草稿，那边的较新。在这里接着写，会另存成一份，不会互相覆盖。`, [
      ["换成较新的", () => take(newer)],
    ]);
  };
}
