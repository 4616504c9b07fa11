// @ts-check
// A draft that the service keeps and several write: saved at each change, merged with what others saved. What
// the service has not acknowledged stays in this browser until it has.

import { all, asControl, byId, keepCursor, make, makeButton, placeOf, putBeside } from "./elements.js";
import { fit } from "./areas.js";
import { clock, dismiss, notice, state } from "./notices.js";
import { drafts, form, lastYear } from "./parts.js";
import { refresh } from "./proof.js";
import { download } from "./report.js";
import { Refused, ask, refusal } from "./service.js";
import { followEdition } from "./sections.js";
import { forgetSteps, noteStep } from "./steps.js";
import { elementOf, fillForm, readForm } from "./tree.js";
import { isComposing, onChange } from "./typing.js";

/** @import { Report } from "./service.js" */

/**
 * A save on its way; sent again with the same key until it is answered.
 * @typedef {{ base: number, beginning: string | null, tree: Report, key: string }} Save
 */

/**
 * What stands in this browser: the save on its way, and what was written since the last that was answered.
 * @typedef {{ pending: Save | null, base: number, beginning?: string | null, tree: Report }} Unsent
 */

/** @typedef {{ id: string, label: string, mine_shown: string, theirs_shown: string, by: string, others: string[] }} Conflict */
/** @typedef {{ revision: number, beginning: string | null, tree: Report, conflicts: Conflict[], writers: { name: string }[], lock: string | null }} Answer */
/** @typedef {{ tree: Report, conflicts: { path: string, label: string, mine: unknown, mine_shown: string, theirs_shown: string }[] }} Merged */

const SAVE_AFTER = 800;
const AGAIN_AFTER = 4000;
const LOOK_EVERY = 8000;

const address = form.dataset.shared || "";
const stored = `nianbao/shared/${address}`;

const isLocked = form.dataset.locked !== undefined;

/** Whether the page had no room for parts of the draft, and they have not been fetched yet. */
let isPartial = form.dataset.partial !== undefined;

let base = Number(form.dataset.revision);
/** Of revision 0, before anybody has written: by what the service knows again what this page shows. */
let beginning = form.dataset.beginning || null;
/** What the service has, as far as this page knows. */
let known = readForm(form).report;
/** @type {Save | null} */
let pending = null;
let timer = 0;
let isBusy = false;

/** Begins to keep the form in step with the service. */
export function share() {
  drafts.asOpened = known;
  if (isPartial) complete();
  knowLastYear();
  if (isLocked) return;
  handleButtons();
  if (!isPartial) takeUp();
  onChange(form, saveSharedSoon);
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && saveShared());
  window.addEventListener("online", saveShared);
  window.setInterval(look, LOOK_EVERY);
}

/** Last year's report and what is to be answered, where the collection gave them along. */
async function knowLastYear() {
  if (!document.querySelector("[data-last-year]")) return;
  try {
    const { report, tasks } = await json(`${address}/sources`, "GET");
    if (report) lastYear.follow({ report, tasks: tasks || {} });
  } catch {
    // It can be written without.
  }
}

/** Fetches what the page had no room for. Nothing is saved before: it would be taken for deleted. */
async function complete() {
  try {
    const answer = /** @type {Answer} */ (await json(address, "GET"));
    await adopt(answer, known);
  } catch {
    state("还没有取来全部内容，恢复连接后再取", true);
    window.setTimeout(complete, AGAIN_AFTER);
    return;
  }
  isPartial = false;
  for (const one of all(form, "[data-kept]")) one.removeAttribute("disabled");
  for (const one of all(form, ".kept-words, #kept-notice, [name='_kept']")) one.remove();
  if (isLocked) return;
  takeUp();
  saveSharedSoon();
}

/** Saves when nothing has been typed for a moment. */
function saveSharedSoon() {
  if (isLocked) return;
  keep();
  soon(SAVE_AFTER);
}

/** @param {number} time */
function soon(time) {
  window.clearTimeout(timer);
  timer = window.setTimeout(saveShared, time);
}

/** What the service does not have yet, in this browser. */
function keep() {
  if (isPartial) return;
  const { report } = readForm(form);
  try {
    if (!pending && same(report, known)) localStorage.removeItem(stored);
    else localStorage.setItem(stored, JSON.stringify({ pending, base, beginning, tree: report }));
  } catch {
    // It goes to the service all the same.
  }
}

/** Has the service save what is new, until there is nothing new. */
async function saveShared() {
  window.clearTimeout(timer);
  if (isBusy || isLocked || isPartial) return;
  // What is not a word yet is saved when it is one.
  if (isComposing() && !document.hidden) return;
  isBusy = true;
  try {
    for (;;) {
      const { report } = readForm(form);
      if (!pending && same(report, known)) break;
      pending = pending || { base, beginning, tree: report, key: unique() };
      keep();
      state("正在保存……");
      const answer = await put(address, pending);
      const sent = pending.tree;
      await adopt(answer, sent);
      pending = null;
      keep();
      state(`已保存 ${clock(Date.now())}`);
      dismiss("unsaved");
      tellWriters(answer);
      if (answer.conflicts.length) await showConflicts();
    }
  } catch (error) {
    tellUnsaved(refusal(error));
  } finally {
    isBusy = false;
  }
}

/** @param {Refused} refused */
function tellUnsaved(refused) {
  if (refused.isPassing) {
    state("还没有保存到服务，文字在这台电脑上，恢复连接后自动保存", true);
    soon(AGAIN_AFTER);
    return;
  }
  // The same sent again would be refused again; what is changed until then is another save.
  pending = null;
  keep();
  state("没有保存", true);
  notice("unsaved", "error", `没有保存：${refused.message}。文字都在这台电脑上。`, [
    ["保存为文件", () => download("yaml")],
    ["再试一次", saveShared],
  ]);
}

/**
 * Goes on from an answer to what was sent. What was typed meanwhile is merged with what others wrote; where both
 * wrote something else, what is typed here stays, and the other text is shown.
 * @param {Answer} answer
 * @param {Report} sent
 */
async function adopt(answer, sent) {
  if (!same(answer.tree, sent)) {
    let { report } = readForm(form);
    if (same(report, sent)) fill(answer.tree);
    else {
      for (;;) {
        const body = JSON.stringify({ base: sent, mine: answer.tree, theirs: report });
        const merged = /** @type {Merged} */ (await json(`${address}/merge`, "POST", body));
        const before = report;
        ({ report } = readForm(form));
        if (!same(before, report)) continue;
        fill(merged.tree);
        merged.conflicts.forEach(tellClash);
        break;
      }
    }
    // What others wrote is not for this one to undo.
    forgetSteps();
  }
  base = answer.revision;
  beginning = answer.beginning;
  known = answer.tree;
  byId("base", HTMLInputElement).value = String(base);
  byId("beginning", HTMLInputElement).value = beginning || "";
}

/**
 * Fills the form, and leaves the cursor where it was.
 * @param {Report} tree
 */
function fill(tree) {
  const active = asControl(document.activeElement);
  const name = active ? active.name : "";
  const place = active && !(active instanceof HTMLSelectElement) ? [active.selectionStart, active.selectionEnd] : [];
  const { scrollX, scrollY } = window;
  /** @type {[HTMLElement, string][]} */
  const remarks = all(form, "[data-section] .remarks").map((one) => [one, placeOf(one)]);
  fillForm(form, tree);
  // Items are made anew, without what a reviewer said of them.
  for (const [remark, at] of remarks) {
    const element = remark.isConnected ? null : document.getElementById(at);
    if (element) putBeside(element, remark);
  }
  fit(form.querySelectorAll("textarea"));
  followEdition();
  refresh();
  const again = name ? asControl(document.getElementById(name)) : null;
  if (again) {
    again.focus({ preventScroll: true });
    const [start, end] = place;
    if (!(again instanceof HTMLSelectElement) && typeof start === "number" && typeof end === "number") {
      again.setSelectionRange(start, end);
    }
  }
  window.scrollTo(scrollX, scrollY);
}

/**
 * Both texts of a field that was written in here while another's text of it was on its way.
 * @param {Merged["conflicts"][number]} clash
 */
function tellClash(clash) {
  const said = `“${clash.label}”刚刚有别人也写了。这里留着您写的；别人写的是：`;
  notice("clash", "warning", said, [["去看这一栏", () => {
    const element = elementOf(readForm(form).elements, clash.path);
    if (element) element.focus();
  }]], make("p", "shown-text", clash.mine_shown || "（没有内容）"));
}

/** What was not acknowledged when this page was left is sent now. */
function takeUp() {
  const unsent = read();
  if (!unsent || !unsent.tree) return;
  if (!unsent.pending && same(unsent.tree, known)) {
    keep();
    return;
  }
  fillForm(form, unsent.tree);
  fit(form.querySelectorAll("textarea"));
  forgetSteps();
  pending = unsent.pending;
  base = unsent.base;
  beginning = unsent.beginning || null;
  known = unsent.pending ? unsent.pending.tree : {};
  notice("unsent", "note", "上次离开时还没有保存到服务的内容已经取回，正在保存；别人写的会与它合并。", []);
  saveShared();
}

/** @returns {Unsent | null} */
function read() {
  try {
    return JSON.parse(localStorage.getItem(stored) || "null");
  } catch {
    return null;
  }
}

/** Takes over what others have saved while nothing is written here. */
async function look() {
  if (document.hidden || isBusy || pending || isPartial || isComposing()) return;
  try {
    const [latest] = await json(`${address}/history?limit=1`, "GET");
    if (!latest || latest.revision === base || isBusy) return;
    if (!same(readForm(form).report, known)) {
      await saveShared();
      return;
    }
    isBusy = true;
    const answer = /** @type {Answer} */ (await json(address, "GET"));
    await adopt(answer, known);
    tellWriters(answer);
    listConflicts(answer.conflicts);
    state(`已取来别人保存的 ${clock(Date.now())}`);
  } catch (error) {
    const refused = refusal(error);
    if (!refused.isPassing) notice("look", "warning", refused.message, []);
  } finally {
    isBusy = false;
  }
}

/** @param {Answer} answer */
function tellWriters(answer) {
  const names = answer.writers.map((writer) => writer.name).join("、");
  byId("writers").textContent = names ? `正在写的还有：${names}` : "";
}

async function showConflicts() {
  listConflicts(/** @type {Answer} */ (await json(address, "GET")).conflicts);
}

/** @param {Conflict[]} conflicts */
function listConflicts(conflicts) {
  const list = byId("conflicts");
  const boxes = new Map(all(list, ".conflict").map((box) => [box.dataset.key, box]));
  const draw = () => list.replaceChildren(...conflicts.map((one) => boxes.get(JSON.stringify(one)) || shown(one)));
  // Nobody settles one that was not looked at: the cursor goes to the whole of the next.
  keepCursor(list, draw, () => all(list, ".conflict")[0]);
  dismiss("conflict");
  if (!conflicts.length) return;
  notice("conflict", "warning", `有 ${conflicts.length} 处两人写得不同，两种写法都在，请选定。`, [["去选定", () => {
    dismiss("conflict");
    list.scrollIntoView({ block: "center" });
  }]]);
}

/** @param {Conflict} conflict */
function shown(conflict) {
  const box = make("section", "notice notice-warning conflict");
  box.dataset.key = JSON.stringify(conflict);
  box.setAttribute("aria-label", "写得不同之处");
  box.tabIndex = -1;
  const list = make("dl");
  list.append(
    make("dt", "", `现在留着的（${conflict.others.join("、")}）`),
    make("dd", "", conflict.theirs_shown || "（没有内容）"),
    make("dt", "", `${conflict.by} 写的`),
    make("dd", "", conflict.mine_shown || "（没有内容）"),
  );
  const buttons = make("p", "buttons");
  buttons.append(
    makeButton("button button-small", "留着现在的", () => settle(conflict.id, "theirs")),
    makeButton("button button-small", `换成${conflict.by}写的`, () => settle(conflict.id, "mine")),
  );
  box.append(make("p", "", `${conflict.label || "整份报告"}：两人写得不同，两种写法都在。`), list, buttons);
  return box;
}

/**
 * Has the draft say what a file says; `said` tells which.
 * @param {Report} report
 * @param {string} said
 */
export async function replaceShared(report, said) {
  await saveShared();
  noteStep();
  fill(report);
  noteStep();
  saveSharedSoon();
  notice("file", "note", `${said}${said.endsWith("。") ? "" : "。"}先前写的在“以前的修订”里。`, []);
}

/** The buttons that the service drew, and the one that submits: it sends the form away when all is saved. */
function handleButtons() {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!(button instanceof HTMLButtonElement)) return;
    const [choice, id] = button.value.split(" ");
    if (choice === "mine" || choice === "theirs") {
      event.preventDefault();
      settle(id, choice);
    } else if (choice === "submit" && !isSaved()) {
      event.preventDefault();
      submitSaved(button);
    }
  });
}

/** @param {HTMLButtonElement} button */
async function submitSaved(button) {
  await saveShared();
  if (isSaved()) form.requestSubmit(button);
  else state("还没有保存，保存以后再报送", true);
}

function isSaved() {
  return !isPartial && !pending && !isBusy && same(readForm(form).report, known);
}

/**
 * @param {string} id
 * @param {"mine" | "theirs"} choice
 */
async function settle(id, choice) {
  await saveShared();
  if (pending || isBusy) return;
  isBusy = true;
  try {
    const answer = /** @type {Answer} */ (await json(`${address}/conflicts/${id}`, "POST", JSON.stringify({ choice })));
    await adopt(answer, known);
    state(`已选定 ${clock(Date.now())}`);
  } catch (error) {
    notice("unsaved", "error", refusal(error).message, []);
  } finally {
    isBusy = false;
  }
  await showConflicts().catch(() => {});
}

/**
 * @param {string} path
 * @param {Save} save
 * @returns {Promise<Answer>}
 */
function put(path, save) {
  return json(path, "PUT", JSON.stringify(save));
}

/**
 * @param {string} path
 * @param {string} method
 * @param {string} [body]
 * @returns {Promise<any>}
 */
async function json(path, method, body) {
  const headers = body ? { "Content-Type": "application/json" } : undefined;
  const response = await ask(path, { method, headers, body });
  if (response.redirected) throw new Refused("登录已过期，请重新登录后再打开这一页。文字都在这台电脑上");
  return response.json();
}

/**
 * Whether two reports say the same, in whatever order.
 * @param {unknown} one
 * @param {unknown} other
 */
function same(one, other) {
  return ordered(one) === ordered(other);
}

/** @param {unknown} value */
function ordered(value) {
  return JSON.stringify(value, (_, inner) => {
    if (!inner || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
