// The form with scripts: pages beside it, findings as one types, drafts that are kept. Without them
// the same form posts itself.

import { Drafts } from "./drafts.js";
import { make } from "./elements.js";
import { asJson, asYaml, readFile, saveBlob, saveFile } from "./files.js";
import { Findings } from "./findings.js";
import { ImportedDocument } from "./imported.js";
import { grow, handleItems, offerSplit } from "./items.js";
import { clock, dismiss, notice, state, when } from "./notices.js";
import { outline, says } from "./outline.js";
import { makeWay } from "./panel.js";
import { onPaste } from "./paragraphs.js";
import { Preview } from "./preview.js";
import { ask, post } from "./service.js";
import { fillForm, readForm } from "./tree.js";

const SAVE_AFTER = 300;
const ASK_AFTER = 350;
const ASK_AGAIN_AFTER = 4000;

const byId = (id) => document.getElementById(id);
const form = byId("form");
const drafts = new Drafts(form.dataset.contract);
const preview = new Preview(byId("pages"));
const findings = new Findings(form, byId("findings-panel"), byId("findings-button"));
const imported = new ImportedDocument(form, byId("import-panel"), byId("import-button"));

for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
for (const element of document.querySelectorAll("[data-without-script], [data-summary]")) element.remove();
document.documentElement.classList.add("scripted");

/* What happens as one types. */

let saving = 0;
let asking = 0;
let running = null;

form.addEventListener("input", (event) => {
  grow(event.target);
  offerSplit(event.target, changed);
  changed();
});
form.addEventListener("change", changed);
form.addEventListener("paste", onPaste);
handleItems(form, changed);

function changed() {
  window.clearTimeout(saving);
  window.clearTimeout(asking);
  saving = window.setTimeout(save, SAVE_AFTER);
  asking = window.setTimeout(refresh, ASK_AFTER);
  followEdition();
}

function save() {
  window.clearTimeout(saving);
  saving = 0;
  const { report } = readForm(form);
  const { outcome, saved, newer } = drafts.save(report, titleOf(report));
  if (outcome === "full") {
    state("没有保存：浏览器的存储空间已满", true);
    notice("full", "error", "浏览器的存储空间已满，新写的内容没有保存到本机。请现在就保存为文件，或删去不用的草稿。", [
      ["保存为文件", () => download("yaml")],
      ["本机的草稿……", showDrafts],
    ]);
    return;
  }
  dismiss("full");
  state(`已保存 ${clock(saved)}`);
  if (outcome === "apart") {
    notice("newer", "warning", `另一个窗口在 ${clock(newer.saved)} 保存了同一份草稿。这里写的已另存成一份，两份都在，较新的是这里的这份。`, [
      ["换成那一份", () => take(newer)],
    ]);
  }
}

async function refresh() {
  if (running) running.abort();
  const current = (running = new AbortController());
  const { report, elements } = readForm(form);
  outline(form, findings.found);
  try {
    const shown = await preview.show(report, elements, current.signal);
    byId("preview-state").textContent = `共 ${shown.pages.length} 页${shown.stood_in.length ? "，虚线框里的还没填" : ""}`;
    byId("preview").classList.remove("is-stale");
    findings.show(shown.findings, elements);
    dismiss("service");
    outline(form, findings.found);
  } catch (error) {
    if (error.name === "AbortError") return;
    stale(error);
    if (error.findings) {
      findings.show(error.findings, elements);
      dismiss("service");
      outline(form, findings.found);
      return;
    }
    notice("service", "warning", error.message, []);
    if (error.isPassing) asking = window.setTimeout(refresh, ASK_AGAIN_AFTER);
  } finally {
    if (running === current) running = null;
  }
}

// The pages that there are stay to be looked at.
function stale(error) {
  byId("preview").classList.add("is-stale");
  byId("preview-state").textContent = preview.pages.length ? "停在改动以前" : "";
  if (preview.pages.length) return;
  const said = error.findings ? "填上报告年度，这里就显示排好的版面。" : error.message;
  byId("pages").replaceChildren(make("p", "pages-empty", said));
}

window.addEventListener("pagehide", () => saving && save());
document.addEventListener("visibilitychange", () => document.hidden && saving && save());

/* From the pages to the fields and back. */

preview.onPick = (element, path, words) => {
  showPages(false);
  goTo(element, path, words);
};
findings.onGo = goTo;
imported.onGo = goTo;

form.addEventListener("focusin", (event) => {
  const section = event.target.closest("[data-section]");
  if (event.target.dataset.entry) preview.mark(event.target, true);
  outline(form, findings.found, section);
});
form.addEventListener("focusout", (event) => {
  const section = event.target.closest("[data-section]");
  if (section && event.target.dataset.entry && !section.contains(event.relatedTarget)) findings.visit(section.id);
});

function goTo(element, path, words) {
  makeWay();
  const details = element.closest("details");
  if (details) details.open = true;
  const control = element.dataset.entry ? element : element.querySelector(".control, input, [data-do=add]") || element;
  control.focus({ preventScroll: true });
  control.scrollIntoView({ block: "center" });
  if (!words || typeof control.setSelectionRange !== "function") return;
  const start = beginning(control, path) + Math.max(0, control.value.slice(beginning(control, path)).indexOf(words));
  const isThere = control.value.slice(start, start + words.length) === words;
  if (isThere && document.activeElement === control) control.setSelectionRange(start, start + words.length);
}

// Of a control with a paragraph a line, where the paragraph of this path begins.
function beginning(control, path) {
  const index = control.name !== path && /\[(\d+)\]$/.exec(path);
  if (!index || !["lines", "paragraphs"].includes(control.dataset.entry)) return 0;
  const lines = control.value.split("\n");
  let start = 0;
  let said = -1;
  for (const line of lines) {
    if (line.trim()) said += 1;
    if (said === Number(index[1])) return start;
    start += line.length + 1;
  }
  return 0;
}

/* The bar. */

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button && button.value === "pdf") makePdf(false, button);
});

async function makePdf(isDraft, button) {
  const { report, elements } = readForm(form);
  if (saving) save();
  button.disabled = true;
  const before = button.textContent;
  button.textContent = "正在生成……";
  try {
    const response = await post(`/api/reports${isDraft ? "?draft=true" : ""}`, report);
    const disposition = response.headers.get("Content-Disposition") || "";
    const name = decodeURIComponent((/filename\*=UTF-8''([^;]+)/.exec(disposition) || [])[1] || "report.pdf");
    saveBlob(isDraft ? `草稿-${name}` : name, await response.blob());
    notice("pdf", "note", `已生成《${name.replace(/\.pdf$/, "")}》，在浏览器的下载里。`, []);
  } catch (error) {
    if (error.findings) {
      dismiss("pdf");
      findings.show(error.findings, elements);
      const what = isDraft ? "草稿也排不出来" : "还不能生成正式的 PDF";
      notice("pdf", "error", `${what}：有 ${findings.errors()} 处错误，逐处改正后再下载。文字都在。`, [
        ...(isDraft ? [] : [["先下载草稿", () => makePdf(true, button)]]),
      ]);
      findings.list();
    } else {
      notice("pdf", "error", error.message, [["再试一次", () => makePdf(isDraft, button)]]);
    }
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

const menu = byId("menu");
const menuButton = byId("menu-button");
menuButton.addEventListener("click", () => toggleMenu(menu.hidden));
document.addEventListener("click", (event) => {
  if (!menu.hidden && !event.target.closest(".menu")) toggleMenu(false);
});
byId("menu").parentElement.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !menu.hidden) {
    toggleMenu(false);
    menuButton.focus();
  }
});

function toggleMenu(shows) {
  menu.hidden = !shows;
  menuButton.setAttribute("aria-expanded", String(shows));
  if (shows) menu.querySelector("button").focus();
}

menu.addEventListener("click", (event) => {
  const choice = event.target.dataset.menu;
  if (!choice) return;
  toggleMenu(false);
  menuButton.focus();
  if (choice === "open") byId("file").click();
  else if (choice === "draft") makePdf(true, event.target);
  else if (choice === "save-yaml") download("yaml");
  else if (choice === "save-json") download("json");
  else if (choice === "sample") openSample();
  else if (choice === "new") startAnew();
  else if (choice === "clear") askToClear();
  else showDrafts();
});

function download(format) {
  const { report } = readForm(form);
  const name = `${titleOf(report)}.${format}`;
  if (format === "json") saveFile(name, asJson(report), "application/json");
  else saveFile(name, asYaml(report), "application/yaml");
}

byId("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  try {
    const { report, account } = await readFile(file);
    if (typeof report !== "object" || Array.isArray(report)) throw new Error("文件里不是一份报告");
    begin(report, account ? `已导入“${file.name}”，请对照原文核对一遍` : `已打开“${file.name}”`);
    if (account) imported.show(file.name, account, readForm(form).elements);
  } catch (error) {
    notice("file", "error", `没有打开“${file.name}”：${error.message}。正在写的内容没有变。`, []);
  }
});

async function openSample() {
  try {
    const yaml = await (await ask("/api/templates/annual-report/sample")).arrayBuffer();
    const read = { method: "POST", headers: { "Content-Type": "application/yaml" }, body: yaml };
    begin(await (await ask("/api/read", read)).json(), "这是一份填好的样例，单位和数字都是虚构的，可以照着改。");
  } catch (error) {
    notice("file", "error", error.message, []);
  }
}

/* Drafts. */

function begin(report, said) {
  if (saving) save();
  drafts.begin();
  imported.forget();
  fill(report);
  save();
  for (const id of ["newer", "drafts", "removed", "pdf", "file"]) dismiss(id);
  notice("file", "note", `${said}${said.endsWith("。") ? "" : "。"}先前写的仍在“本机的草稿”里。`, []);
}

function startAnew() {
  if (saving) save();
  drafts.begin();
  imported.forget();
  fill({ year: String(new Date().getFullYear() - 1) });
  state("");
  for (const id of ["newer", "drafts", "removed", "pdf", "file"]) dismiss(id);
  findings.visited.clear();
  findings.showsAll = false;
  byId("content").focus();
}

// Whoever sits down next at a shared computer finds nothing.
function askToClear() {
  const count = drafts.all().length;
  const said = `要删去这个浏览器里的全部草稿${count ? `（${count} 份）` : ""}，并清空正在填的表吗？删去以后不能恢复；要留的，请先保存为文件。`;
  notice("clear", "warning", said, [["全部删去", clear], ["先保存为文件", () => download("yaml")]]);
  byId("notice-clear").querySelector("button").focus();
}

function clear() {
  // What was typed last is not saved once more.
  window.clearTimeout(saving);
  saving = 0;
  const isClear = drafts.clear();
  startAnew();
  for (const id of ["clear", "dropped", "contract", "full", "leftovers"]) dismiss(id);
  if (isClear) notice("cleared", "note", "已清空，这个浏览器里没有草稿了。下载到电脑上的文件不受影响。", []);
  else notice("cleared", "error", "没有清空：浏览器不让删。请在浏览器的设置里清除本网站的数据。", []);
}

function take(draft) {
  drafts.open(draft);
  imported.forget();
  fill(draft.report);
  state(`已恢复 ${clock(draft.saved)} 保存的草稿`);
  for (const id of ["newer", "drafts"]) dismiss(id);
  if (draft.contract !== form.dataset.contract) {
    notice("contract", "warning", "这份草稿是用旧版的表填写的，已按现在的栏目填入，请核对一遍。", []);
  }
}

function fill(report) {
  const leftovers = fillForm(form, report);
  form.querySelectorAll("textarea").forEach(grow);
  form.querySelectorAll("textarea").forEach((area) => offerSplit(area, changed));
  for (const details of form.querySelectorAll("details[data-section]")) details.open = says(details);
  followEdition();
  refresh();
  dismiss("leftovers");
  if (leftovers.length) {
    const list = make("dl");
    for (const [path, text] of leftovers) list.append(make("dt", "", path), make("dd", "", text));
    notice("leftovers", "warning", "下面的内容在表里没有对应的栏目，没有填进来。需要的请抄到合适的地方：", [], list);
  }
}

function showDrafts() {
  const all = drafts.all();
  const list = make("ul", "drafts");
  for (const draft of all) {
    const entry = make("li");
    const goOn = make("button", "button button-small", draft.id === drafts.id ? "正在写" : "打开");
    goOn.type = "button";
    goOn.disabled = draft.id === drafts.id;
    goOn.addEventListener("click", () => {
      if (saving) save();
      take(draft);
    });
    const drop = make("button", "button button-quiet button-small", "删除");
    drop.type = "button";
    drop.hidden = draft.id === drafts.id;
    drop.addEventListener("click", () => {
      drafts.remove(draft.id);
      entry.remove();
      notice("dropped", "note", `已从本机删去“${draft.title}”。`, [["撤销删除", () => {
        drafts.put(draft);
        dismiss("dropped");
        showDrafts();
      }]]);
    });
    entry.append(make("span", "draft-title", draft.title), make("span", "hint", `${when(draft.saved)}保存`), goOn, drop);
    list.append(entry);
  }
  const said = all.length ? "本机的草稿，只在这台电脑的这个浏览器里：" : "本机还没有草稿。";
  notice("drafts", "note", said, [["收起", () => dismiss("drafts")]], list);
}

drafts.onNewer = (newer) => {
  notice("newer", "warning", `另一个窗口在 ${clock(newer.saved)} 保存了同一份草稿，那边的较新。在这里接着写，会另存成一份，不会互相覆盖。`, [
    ["换成较新的", () => take(newer)],
  ]);
};

/* Small things. */

function titleOf(report) {
  const issuer = report.issuer || {};
  const unit = issuer.short_name || issuer.name || "未填单位";
  return `${unit}${report.year ? `${report.year}年` : ""}法治政府建设年度报告`.replace(/[\\/:*?"<>|]/g, "_");
}

// What only the formal edition bears is asked for when there is one.
function followEdition() {
  const formal = byId("edition").value === "formal";
  const section = byId("formal");
  if (formal && section.dataset.edition !== "formal") section.open = true;
  section.dataset.edition = byId("edition").value;
}

const pagesButton = byId("pages-button");
pagesButton.addEventListener("click", () => showPages(pagesButton.getAttribute("aria-pressed") === "false"));

/** On a narrow screen: the pages in place of the form, or the form again. */
function showPages(shows) {
  form.classList.toggle("shows-pages", shows);
  pagesButton.setAttribute("aria-pressed", String(shows));
  pagesButton.textContent = shows ? "回到填写" : "看版面";
}

window.addEventListener("hashchange", () => {
  const section = byId(decodeURIComponent(window.location.hash.slice(1)));
  if (section && section.tagName === "DETAILS") section.open = true;
});

/* The beginning. */

const open = drafts.lastOpen();
const filled = form.dataset.filled === "true";
if (open && !filled) {
  take(open);
} else {
  form.querySelectorAll("textarea").forEach(grow);
  form.querySelectorAll("textarea").forEach((area) => offerSplit(area, changed));
  const [latest] = drafts.all();
  if (!filled && !byId("year").value) byId("year").value = String(new Date().getFullYear() - 1);
  if (latest && !filled) {
    notice("drafts", "note", `上次写的“${latest.title}”还在，${when(latest.saved)}保存。`, [
      ["接着写", () => take(latest)],
      ["本机的草稿……", showDrafts],
    ]);
  }
  if (filled) {
    findings.showsAll = true;
    // Reloaded, it is the draft that comes back, not the sample that it began as.
    window.history.replaceState(null, "", "/");
  }
  refresh();
}
