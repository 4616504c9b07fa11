// @ts-check
// Reports that are opened: a file, a document that is imported, the sample.

import { byId } from "./elements.js";
import { readFile } from "./files.js";
import { notice } from "./notices.js";
import { form, imported, lastYear } from "./parts.js";
import { ask, post, refusal } from "./service.js";
import { begin } from "./shelf.js";
import { readForm } from "./tree.js";

/** Whether the file that is being chosen is last year's report. */
let isLastYears = false;

/**
 * Has a file chosen: a report to go on with, or the one of last year to begin this year's from.
 * @param {boolean} isOfLastYear
 */
export function chooseFile(isOfLastYear) {
  isLastYears = isOfLastYear;
  byId("file").click();
}

/** @param {File} file */
async function beginFrom(file) {
  try {
    const { report: last } = await readFile(file);
    if (typeof last !== "object" || Array.isArray(last)) throw new Error("文件里不是一份报告");
    const { report, tasks } = await (await post("/api/carry", last)).json();
    begin(report, `已由“${file.name}”开始 ${report.year} 年的报告：单位、版式照旧，指标的上年数值已经填好，各部分的文字请重新写。`, { report: last, tasks });
    lastYear.show();
  } catch (error) {
    notice("file", "error", `没有由“${file.name}”开始：${refusal(error).message}。正在写的内容没有变。`, []);
  }
}

/** Whatever file is chosen is opened. */
export function handleFile() {
  const input = byId("file", HTMLInputElement);
  input.addEventListener("change", () => {
    const [file] = input.files || [];
    input.value = "";
    if (file && isLastYears) beginFrom(file);
    else if (file) openFile(file);
  });
}

/**
 * A text that is a whole report is parted into its sections.
 * @param {string} text
 */
export function openText(text) {
  return openFile(new File([text], "粘贴的文字.txt", { type: "text/plain" }));
}

/** @param {File} file */
async function openFile(file) {
  try {
    const { report, account } = await readFile(file);
    if (typeof report !== "object" || Array.isArray(report)) throw new Error("文件里不是一份报告");
    const said = account ? `已导入“${file.name}”，请对照原文核对一遍` : `已打开“${file.name}”`;
    if (form.dataset.shared) await (await import("./shared.js")).replaceShared(report, said);
    else begin(report, said);
    if (account) imported.show(file.name, account, readForm(form).elements);
  } catch (error) {
    notice("file", "error", `没有打开“${file.name}”：${refusal(error).message}。正在写的内容没有变。`, []);
  }
}

export async function openSample() {
  try {
    const yaml = await (await ask("/api/templates/annual-report/sample")).arrayBuffer();
    const read = { method: "POST", headers: { "Content-Type": "application/yaml" }, body: yaml };
    begin(await (await ask("/api/read", read)).json(), "这是一份填好的样例，单位和数字都是虚构的，可以照着改。");
  } catch (error) {
    notice("file", "error", refusal(error).message, []);
  }
}
