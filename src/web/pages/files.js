// Reports as files: opened through the service, which reads every format; saved here, so that text
// can be taken to safety when there is no service.

import { ask } from "./service.js";

const MEDIA_TYPES = { json: "application/json", yaml: "application/yaml", yml: "application/yaml", toml: "application/toml" };

/** The report in a file, as far as it goes. */
export async function readFile(file) {
  const extension = file.name.split(".").pop().toLowerCase();
  const response = await ask("/api/read", {
    method: "POST",
    headers: { "Content-Type": MEDIA_TYPES[extension] || "application/yaml" },
    body: await file.arrayBuffer(),
  });
  return response.json();
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
