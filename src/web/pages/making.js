// @ts-check
// The PDF, the OFD, the Word file and the web page of what stands in the form, for the desk.

import { nameOf, saveBlob } from "./files.js";
import { dismiss, notice, retell } from "./notices.js";
import { findings, form } from "./parts.js";
import { ask, refusal } from "./service.js";
import { saveNow } from "./shelf.js";
import { readForm } from "./tree.js";

/** @import { Refused } from "./service.js" */

/** @typedef {{ title: string, type: string, extension: string }} FileKind */

/** @typedef {{ kind: FileKind, isDraft: boolean, button: HTMLButtonElement }} Wish */

/** @type {FileKind} */
export const PDF = { title: "PDF", type: "application/pdf", extension: "pdf" };

/** @type {FileKind} */
export const WORD = {
  title: "Word 文件",
  type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  extension: "docx",
};

/** @type {FileKind} */
export const OFD = { title: "OFD 文件", type: "application/ofd", extension: "ofd" };

/** @type {FileKind} */
export const HTML = { title: "网页", type: "text/html", extension: "html" };

/** The file that could not be made, and whether for its errors. @type {{ wish: Wish, isWrong: boolean } | null} */
let refusedFile = null;

/** The button "下载 PDF" makes it here; nothing but the one that submits the report sends the form away. */
export function handleMaking() {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button instanceof HTMLButtonElement && button.value === "submit") return;
    event.preventDefault();
    if (button instanceof HTMLButtonElement && button.value === "pdf") makeFile(PDF, false, button);
  });
  findings.onShow = follow;
}

/**
 * @param {FileKind} kind
 * @param {boolean} isDraft
 * @param {HTMLButtonElement} button
 */
export async function makeFile(kind, isDraft, button) {
  const { report, elements } = readForm(form);
  const { collection } = form.dataset;
  const wishes = new URLSearchParams({ draft: String(isDraft), ...(collection && { collection }) });
  if (!form.dataset.shared) saveNow();
  refusedFile = null;
  button.disabled = true;
  const before = button.textContent;
  button.textContent = "正在生成……";
  try {
    const headers = { "Content-Type": "application/json", Accept: kind.type };
    const response = await ask(`/api/reports?${wishes}`, { method: "POST", headers, body: JSON.stringify(report) });
    const name = nameOf(response, `report.${kind.extension}`);
    saveBlob(isDraft ? `草稿-${name}` : name, await response.blob());
    notice("pdf", "note", `已生成《${name.replace(/\.[a-z]+$/, "")}》（${kind.title}），在浏览器的下载里。`, []);
  } catch (error) {
    const refused = refusal(error);
    dismiss("pdf");
    if (refused.findings) findings.show(refused.findings, elements);
    tell({ kind, isDraft, button }, refused);
    if (refused.findings) findings.list();
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

/**
 * Says why a file was not made.
 * @param {Wish} wish
 * @param {Refused} refused
 */
function tell(wish, refused) {
  const { kind, isDraft, button } = wish;
  refusedFile = { wish, isWrong: Boolean(refused.findings) };
  if (refused.findings) {
    notice("pdf", "error", wrong(wish), isDraft ? [] : [["先下载草稿", () => makeFile(kind, true, button)]]);
  } else {
    const next = refused.isPassing ? "；恢复以后请再下载一次" : "";
    notice("pdf", "error", `${kind.title}没有生成。${refused.message}${next}。`, [["再试一次", () => again(wish)]]);
  }
}

/** @param {Wish} wish */
function wrong({ kind, isDraft }) {
  const what = isDraft ? "草稿也排不出来" : `还不能生成正式的 ${kind.title}`;
  return `${what}：有 ${findings.errors()} 处错误，逐处改正后再下载。文字都在。`;
}

/** The notice goes along with what is mended, and with a service that is there again. */
function follow() {
  if (!refusedFile || !document.getElementById("notice-pdf")) return;
  const { wish, isWrong } = refusedFile;
  if (isWrong && findings.errors()) {
    retell("pdf", wrong(wish));
    return;
  }
  refusedFile = null;
  const said = isWrong ? "错误都改好了" : "服务恢复了";
  notice("pdf", "note", `${said}，可以下载了。`, [[`下载${wish.isDraft ? "草稿" : ""} ${wish.kind.title}`, () => again(wish)]]);
}

/** @param {Wish} wish */
function again({ kind, isDraft, button }) {
  return makeFile(kind, isDraft, button);
}
