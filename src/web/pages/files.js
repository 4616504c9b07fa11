// @ts-check
// Reports as files: opened through the service, which reads every format; saved here, so that text
// can be taken to safety when there is no service.

import { make } from "./elements.js";
import { ask } from "./service.js";

/** @import { Report } from "./service.js" */
/** @import { Account } from "./imported.js" */

/** @type {Record<string, string>} */
const MEDIA_TYPES = { json: "application/json", yaml: "application/yaml", yml: "application/yaml", toml: "application/toml" };

/**
 * The report in a file, as far as it goes: one that was saved, or what an import makes of a document,
 * with the account of it.
 * @param {File} file
 * @returns {Promise<{ report: Report, account?: Account }>}
 */
export async function readFile(file) {
  const type = MEDIA_TYPES[file.name.split(".").slice(-1)[0].toLowerCase()];
  const request = { method: "POST", headers: { "Content-Type": type || "application/octet-stream" }, body: await file.arrayBuffer() };
  if (type) return { report: await (await ask("/api/read", request)).json() };
  const { document, account } = await (await ask(`/api/import?file_name=${encodeURIComponent(file.name)}`, request)).json();
  if (account.kind === "work-plan") throw new Error("这是一份工作计划，不是年度报告");
  return { report: document, account };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
export function saveFile(name, text, type) {
  saveBlob(name, new Blob([text], { type }));
}

/**
 * @param {string} name
 * @param {Blob} blob
 */
export function saveBlob(name, blob) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/**
 * The name that the service gives a file.
 * @param {Response} response
 * @param {string} otherwise
 */
export function nameOf(response, otherwise) {
  const disposition = response.headers.get("Content-Disposition") || "";
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition);
  return found ? decodeURIComponent(found[1]) : otherwise;
}

/** @param {Report} report */
export function asJson(report) {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/**
 * YAML, every text in quotation marks: nothing in it can be taken for anything else.
 * @param {Report} report
 */
export function asYaml(report) {
  return `${lines(report, "").join("\n")}\n`;
}

/**
 * @param {Report} value
 * @param {string} indent
 * @returns {string[]}
 */
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

/**
 * Whether nothing is in it that would need lines of its own.
 * @param {unknown} value
 */
function isOneLine(value) {
  return typeof value !== "object" || value === null || Object.keys(value).length === 0;
}

/** @param {unknown} value */
function inline(value) {
  return JSON.stringify(value);
}
