// @ts-check
// In what the report differs from what was opened, from last year's or from another file: side by side, with the
// changed words marked.

import { byId, first, make, makeButton } from "./elements.js";
import { readFile } from "./files.js";
import { Panel } from "./panel.js";
import { drafts, findings, form, lastYear } from "./parts.js";
import { post, refusal } from "./service.js";
import { elementOf, readForm } from "./tree.js";

/** @import { Difference } from "./imported.js" */
/** @import { Report } from "./service.js" */

/** More are not listed. */
const MOST = 500;

/** @type {Record<Difference["alteration"], string>} */
const ALTERATIONS = { addition: "增加", removal: "删除", move: "移动", rewording: "改写" };

const { button, panel } = made();
const chooser = fileChooser();

/** What the report is held against. @type {{ words: string, report: Report } | null} */
let base = null;

/** The panel, and its button behind that of last year's report. */
function made() {
  const button = makeButton("button button-quiet", "修改对照", () => {});
  button.id = "difference-button";
  const element = make("section", "panel");
  element.id = "difference-panel";
  element.setAttribute("aria-label", "修改对照");
  element.hidden = true;
  button.setAttribute("aria-controls", element.id);
  byId("last-year-button").after(button);
  first(document, ".workbench").append(element);
  const panel = new Panel(form, element, button, () => (panel.isOpen ? panel.close() : openDifference()));
  return { button, panel };
}

function fileChooser() {
  const input = make("input");
  input.type = "file";
  input.accept = byId("file", HTMLInputElement).accept;
  input.hidden = true;
  input.setAttribute("aria-label", "要对照的文件");
  input.addEventListener("change", async () => {
    const [file] = input.files || [];
    input.value = "";
    if (!file) return;
    try {
      against(`“${file.name}”`, (await readFile(file)).report);
    } catch (error) {
      fill(make("p", "", `没有读入“${file.name}”：${refusal(error).message}。`));
    }
  });
  byId("file").after(input);
  return input;
}

/** Shows what was changed since the report was opened. */
export function openDifference() {
  button.hidden = false;
  const opened = drafts.opened || drafts.asOpened;
  const last = lastYear.last;
  if (base) against(base.words, base.report);
  else if (opened) against("打开时", opened);
  else if (last) against("上年", last.report);
  else fill(make("p", "", "这份报告是从空白写起的，没有可以对照的原稿。可以选一份文件来对照。"));
}

/**
 * @param {string} words
 * @param {Report} report
 */
async function against(words, report) {
  base = { words, report };
  const now = readForm(form);
  try {
    const found = await (await post("/api/difference", { before: report, report: now.report })).json();
    fill(...shown(found, now.elements));
  } catch (error) {
    fill(make("p", "", `${refusal(error).message}。`));
  }
}

/** @param {...HTMLElement} parts */
function fill(...parts) {
  const opened = drafts.opened || drafts.asOpened;
  const last = lastYear.last;
  const line = make("p", "buttons");
  const choice = (/** @type {string} */ words, /** @type {Report} */ report) => {
    const made = makeButton("button button-small", `和${words}比`, () => against(words, report));
    made.setAttribute("aria-pressed", String(Boolean(base && base.report === report)));
    line.append(made);
  };
  if (opened) choice("打开时", opened);
  if (last) choice("上年", last.report);
  if (base && base.report !== opened && !(last && base.report === last.report)) choice(base.words, base.report);
  line.append(makeButton("button button-quiet button-small", "和另一份文件比……", () => chooser.click()));
  panel.show("修改对照", line, ...parts);
}

/**
 * @param {Difference[]} found
 * @param {import("./tree.js").Elements} elements
 */
function shown(found, elements) {
  const words = base ? base.words : "";
  if (!found.length) return [make("p", "", `和${words}一样，没有改动。`)];
  const list = make("ol", "import-list differences");
  for (const one of found.slice(0, MOST)) {
    const entry = make("li");
    const element = one.alteration === "removal" ? null : elementOf(elements, one.path);
    const go = () => element && element.isConnected && findings.onGo(element, one.path);
    entry.append(make("span", "tag tag-note", ALTERATIONS[one.alteration]), " ", element ? makeButton("jump", one.label, go) : one.label);
    entry.append(one.alteration === "move" ? make("p", "import-target", movedFrom(one)) : sides(one));
    list.append(entry);
  }
  const more = found.length > MOST ? `，下面是前 ${MOST} 处` : "";
  return [make("p", "", `和${words}比，有 ${found.length} 处不同${more}。划去的是${words}的，加线的是现在写的。`), list];
}

/** @param {Difference} difference */
function movedFrom({ from }) {
  const number = /\[(\d+)\]$/.exec(from || "");
  return number ? `原来是第 ${Number(number[1]) + 1} 项` : "";
}

/**
 * What stood there and what stands there now.
 * @param {Difference} difference
 */
function sides({ alteration, text, stretches }) {
  const parts = stretches || [{ kind: alteration === "removal" ? /** @type {const} */ ("old") : /** @type {const} */ ("new"), text: text || "" }];
  const box = make("div", "sides");
  for (const [kind, mark, label] of /** @type {const} */ ([["old", "del", "原来："], ["new", "ins", "现在："]])) {
    const side = make("p");
    side.append(make("span", "visually-hidden", label));
    for (const part of parts) {
      if (part.kind === "both") side.append(part.text);
      else if (part.kind === kind) side.append(make(mark, "", part.text));
    }
    box.append(side);
  }
  return box;
}
