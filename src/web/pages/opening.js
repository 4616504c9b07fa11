// @ts-check
// Reports that are opened: a file, a document that is imported, the sample.

import { byId } from "./elements.js";
import { readFile } from "./files.js";
import { notice } from "./notices.js";
import { form, imported } from "./parts.js";
import { ask, refusal } from "./service.js";
import { begin } from "./shelf.js";
import { readForm } from "./tree.js";

/** Whatever file is chosen is opened. */
export function handleFile() {
  const input = byId("file", HTMLInputElement);
  input.addEventListener("change", () => {
    const [file] = input.files || [];
    input.value = "";
    if (file) openFile(file);
  });
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
