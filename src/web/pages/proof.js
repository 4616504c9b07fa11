// @ts-check
// The proof: pages and findings of what stands in the form, as one types.

import { byId, make } from "./elements.js";
import { dismiss, notice } from "./notices.js";
import { outline } from "./outline.js";
import { findings, form, guide, preview } from "./parts.js";
import { refusal } from "./service.js";
import { takeStanding } from "./standing.js";
import { readForm } from "./tree.js";
import { isComposing } from "./typing.js";

/** @import { Diagnostic, Refused, Report } from "./service.js" */
/** @import { Elements } from "./tree.js" */

const ASK_AFTER = 350;
const ASK_AGAIN_AFTER = 4000;

/** After how long without an answer the page says that it is at work, in milliseconds. */
const SLOW_AFTER = 1000;

/** Called with each report that was shown. @type {((report: Report, elements: Elements) => void)[]} */
const followers = [];

let asking = 0;
/** @type {AbortController | null} */
let running = null;

/** @param {(report: Report, elements: Elements) => void} act */
export function followProofs(act) {
  followers.push(act);
}

/** Asks for a proof when nothing has been typed for a moment. */
export function refreshSoon() {
  askAfter(ASK_AFTER);
}

/** @param {number} time in milliseconds */
function askAfter(time) {
  window.clearTimeout(asking);
  // Syllables of an input method are asked about when they are words.
  asking = window.setTimeout(() => isComposing() || refresh(), time);
  tellWhetherBusy();
}

export async function refresh() {
  window.clearTimeout(asking);
  asking = 0;
  if (running) running.abort();
  const current = new AbortController();
  running = current;
  tellWhetherBusy();
  const { report, elements } = readForm(form);
  outline(form, findings.found);
  const slow = window.setTimeout(() => {
    byId("preview-state").textContent = "正在排版……";
  }, SLOW_AFTER);
  try {
    const shown = await preview.show(report, elements, current.signal);
    byId("preview-state").textContent = `共 ${shown.pages.length} 页${shown.stood_in.length ? "，虚线框里的还没填" : ""}`;
    byId("preview").classList.remove("is-stale");
    guide.show(shown.coverage, elements);
    takeStanding(shown.standing);
    say(shown.findings, elements);
    for (const follow of followers) follow(report, elements);
  } catch (error) {
    if (current.signal.aborted) return;
    const refused = refusal(error);
    stale(refused);
    if (refused.findings) {
      say(refused.findings, elements);
      return;
    }
    notice("service", "warning", `${refused.message}${refused.isPassing ? "；过几秒自动再试，版面跟着更新" : ""}。`, []);
    if (refused.isPassing && !asking) askAfter(ASK_AGAIN_AFTER);
  } finally {
    window.clearTimeout(slow);
    if (running === current) running = null;
    tellWhetherBusy();
  }
}

/** Whether the pages are not yet those of what stands in the form. */
function tellWhetherBusy() {
  byId("pages").setAttribute("aria-busy", String(Boolean(asking || running)));
}

/**
 * @param {Diagnostic[]} found
 * @param {Elements} elements
 */
function say(found, elements) {
  findings.show(found, elements);
  dismiss("service");
  outline(form, findings.found);
}

/**
 * The pages that there are stay to be looked at.
 * @param {Refused} refused
 */
function stale(refused) {
  byId("preview").classList.add("is-stale");
  byId("preview-state").textContent = preview.pages.length ? "停在改动以前" : "";
  if (preview.pages.length) return;
  const said = refused.findings ? "填上报告年度，这里就显示排好的版面。" : refused.message;
  byId("pages").replaceChildren(make("p", "pages-empty", said));
}
