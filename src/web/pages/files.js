// Reports as files: opened through the service, which reads every format; saved here, so that text
// can be taken to safety when there is no service.

import { ask } from "./service.js";

const MEDIA_TYPES = { json: "application/json", yaml: "application/yaml", yml: "application/yaml", toml: "application/toml" };

/** The report in a file, as far as it goes: one that was saved, or what an import makes of a document,
 * with the account of it. */
export async function readFile(file) {
  const type = MEDIA_TYPES[file.name.split(".").pop().toLowerCase()];
  const request = { method: "POST", headers: { "Content-Type": type || "application/octet-stream" }, body: await file.arrayBuffer() };
  if (type) return { report: await (await ask("/api/read", request)).json() };
  const { document, account } = await (await ask("/api/import", request)).json();
  if (account.kind === "work-plan") throw new Error("这是一份工作计划，不是年度报告");
  return { report: document, account };
}

export function saveFile(name, text, type) {
  saveBlob(name, new Blob([text], { type }));
}

export function saveBlob(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function asJson(report) {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** YAML, every text in quotation marks: nothing in it can be taken for anything else. */
export function asYaml(report) {
  return `${lines(report, "").join("\n")}\n`;
}

function lines(value, indent) {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const inner = lines(item, `${indent}  `);
      return isOneLine(item) ? [`${indent}- ${inline(item)}`] : [`${indent}- ${inner[0].trimStart()}`, ...inner.slice(1)];
    });
  }
  return Object.entries(value).flatMap(([key, item]) =>
    isOneLine(item) ? [`${indent}${key}: ${inline(item)}`] : [`${indent}${key}:`, ...lines(item, `${indent}  `)],
  );
}

// Lists of cells, too, stand in one line.
function isOneLine(value) {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

function inline(value) {
  return JSON.stringify(value);
}
