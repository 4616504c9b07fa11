// @ts-check
// The form with scripts: pages beside it, findings as one types, drafts that are kept. Without them
// the same form posts itself.

import { followCover } from "./cover.js";
import { offerDays } from "./days.js";
import { askToClear } from "./clearing.js";
import { handleDragging } from "./drag.js";
import { all, byId } from "./elements.js";
import { followNames } from "./indicators.js";
import { fit, onInput } from "./areas.js";
import { handleItems } from "./items.js";
import { handleJumps } from "./jumps.js";
import { identify } from "./lists.js";
import { handleMaking, HTML, makeFile, OFD, PDF, WORD } from "./making.js";
import { handleMenu } from "./menu.js";
import { notice, when } from "./notices.js";
import { chooseFile, handleFile, openSample } from "./opening.js";
import { onPaste } from "./paragraphs.js";
import { drafts, findings, form, lastYear } from "./parts.js";
import { followProofs, refresh, refreshSoon } from "./proof.js";
import { handleRemedies } from "./remedies.js";
import { download } from "./report.js";
import { followEdition, followOutline } from "./sections.js";
import { followName } from "./standing.js";
import { saveNow, saveSoon, showDrafts, startAnew, take, watchOthers } from "./shelf.js";
import { forgetSteps, handleSteps } from "./steps.js";
import { readForm } from "./tree.js";
import { onChange } from "./typing.js";
import { handleZoom } from "./zoom.js";

for (const element of all(document, "[data-needs-script]")) element.hidden = false;
for (const element of all(document, "[data-without-script], [data-summary]")) element.remove();
document.documentElement.classList.add("scripted");
identify(form);
offerDays(form);
followCover();
handleZoom();

// A draft that the service keeps has a script of its own, which no other page loads.
const isShared = Boolean(form.dataset.shared);

// What happens as one types.
form.addEventListener("input", onInput);
onChange(form, () => {
  findings.isBegun = true;
  if (!isShared) saveSoon();
  refreshSoon();
  followEdition();
});
form.addEventListener("paste", onPaste);
if (!isShared) {
  window.addEventListener("pagehide", saveNow);
  document.addEventListener("visibilitychange", () => document.hidden && saveNow());
}

handleItems(form);
handleDragging(form);
followName();
handleSteps();
followNames(form);
handleJumps();
handleMaking();
handleFile();
handleMenu({
  open: () => chooseFile(false),
  carry: () => chooseFile(true),
  replace: openReplacing,
  difference: async () => (await import("./difference.js")).openDifference(),
  digest: async () => (await import("./digest.js")).openDigest(),
  draft: (entry) => makeFile(PDF, true, entry),
  word: (entry) => makeFile(WORD, false, entry),
  html: (entry) => makeFile(HTML, false, entry),
  ofd: (entry) => makeFile(OFD, false, entry),
  "save-yaml": () => download("yaml"),
  "save-json": () => download("json"),
  sample: openSample,
  new: startAnew,
  drafts: showDrafts,
  clear: askToClear,
});
followOutline();
followProofs(() => lastYear.tell());
handleRemedies();
// What is looked at rarely is fetched when it is.
byId("edition-view").addEventListener("change", async () => (await import("./editions.js")).showEditions());
const coming = new IntersectionObserver(async (entries) => {
  if (!entries.some((one) => one.isIntersecting)) return;
  coming.disconnect();
  (await import("./figures.js")).offerFigures();
});
coming.observe(byId("indicators"));
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();
  if (key !== "s" && key !== "h") return;
  event.preventDefault();
  if (key === "s") download("yaml");
  else openReplacing();
});

/** What finds and replaces is fetched when it is wanted. */
async function openReplacing() {
  (await import("./replace.js")).openReplacing();
}

// The draft that was open here before, the form as the service filled it, or an empty one.
const open = drafts.lastOpen();
const isFilled = form.dataset.filled === "true";
if (isShared) stayShared();
else if (open && !isFilled) {
  watchOthers();
  take(open);
  forgetSteps();
} else stay();

async function stayShared() {
  fit(form.querySelectorAll("textarea"));
  findings.showsAll = true;
  refresh();
  (await import("./shared.js")).share();
}

function stay() {
  watchOthers();
  fit(form.querySelectorAll("textarea"));
  if (isFilled) {
    drafts.asOpened = readForm(form).report;
    findings.showsAll = true;
    // Reloaded, it is the draft that comes back, not the sample that it began as.
    window.history.replaceState(null, "", "/");
  } else {
    offerLatest();
    const year = byId("year", HTMLInputElement);
    if (!year.value) year.value = String(new Date().getFullYear() - 1);
  }
  forgetSteps();
  refresh();
}

function offerLatest() {
  const [latest] = drafts.all();
  if (!latest) return;
  notice("drafts", "note", `上次写的“${latest.title}”还在，${when(latest.saved)}保存。`, [
    ["接着写", () => take(latest)],
    ["本机的草稿……", showDrafts],
  ]);
}
