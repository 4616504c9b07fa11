// @ts-check
// The report that stands in the form, as a file.

import { asJson, asYaml, saveFile } from "./files.js";
import { form } from "./parts.js";
import { readForm } from "./tree.js";

/** @import { Report } from "./service.js" */

/**
 * What a report is called, in a list and as a file.
 * @param {Report} report
 */
export function titleOf(report) {
  const issuer = report.issuer || {};
  const unit = issuer.short_name || issuer.name || "未填单位";
  return `${unit}${report.year ? `${report.year}年` : ""}法治政府建设年度报告`.replace(/[\\/:*?"<>|]/g, "_");
}

/** @param {"json" | "yaml"} format */
export function download(format) {
  const { report } = readForm(form);
  const text = format === "json" ? asJson(report) : asYaml(report);
  saveFile(`${titleOf(report)}.${format}`, text, `application/${format}`);
}
