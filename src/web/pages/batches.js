// @ts-check
// What scripts add to the pages of batches: a file may be dropped, a batch is followed as it is made,
// and the findings of all its units are counted before it is begun.

import { all, first } from "./elements.js";

/** @import { Diagnostic } from "./service.js" */

for (const part of all(document, "[data-needs-script]")) part.hidden = false;
for (const form of all(document, "[data-upload]")) takeDropped(form);
for (const form of all(document, "[data-batch]")) {
  if (form.dataset.state === "running") follow(form);
  if (form.dataset.state === "uploaded") count(form);
}

/** @param {HTMLElement} form */
function takeDropped(form) {
  const file = first(form, "[name=batch]", HTMLInputElement);
  const state = first(form, "[data-state]");
  /** @param {DragEvent} event */
  const filesOf = (event) => (event.dataTransfer && event.dataTransfer.types.includes("Files") ? event.dataTransfer.files : null);
  document.addEventListener("dragover", (event) => {
    if (!filesOf(event)) return;
    event.preventDefault();
    form.classList.add("is-target");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("is-target");
  });
  document.addEventListener("drop", (event) => {
    const files = filesOf(event);
    if (!files) return;
    event.preventDefault();
    form.classList.remove("is-target");
    file.files = files;
    file.focus();
    if (files.length > 1) state.textContent = "一次只能上传一个文件，请先打成一个 ZIP 压缩包";
  });
  form.addEventListener("submit", () => {
    state.textContent = "正在上传和检查……";
  });
}

/** @param {HTMLElement} form */
function follow(form) {
  const events = new EventSource(`/api/batches/${form.dataset.batch}/events`);
  /**
   * @param {string} name
   * @param {number} value
   */
  const put = (name, value) => {
    first(form, `[data-${name}]`).textContent = String(value);
  };
  events.addEventListener("progress", (event) => {
    const { counts } = JSON.parse(event.data);
    const done = counts.total - counts.waiting;
    first(form, "[data-progress]", HTMLProgressElement).value = done;
    put("done", done);
    put("made", counts.made + counts.made_with_warnings);
    put("warned", counts.made_with_warnings);
    put("failed", counts.failed);
  });
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
}

/** @param {HTMLElement} form */
async function count(form) {
  const total = Number(form.dataset.total);
  const summary = first(form, "[data-summary]");
  const size = 100;
  let withErrors = 0;
  let withWarnings = 0;
  for (let from = 1; from <= total; from += size) {
    const units = await looked(`/api/batches/${form.dataset.batch}/units?from=${from}&limit=${size}`);
    if (!units) return;
    for (const { findings } of units) {
      /** @param {string} severity */
      const has = (severity) => findings.some((finding) => finding.severity === severity && !finding.allowed);
      if (has("error")) withErrors += 1;
      else if (has("warning")) withWarnings += 1;
    }
    const checked = Math.min(from + size - 1, total);
    const head = checked < total ? `已检查 ${checked} 个单位，还有 ${total - checked} 个` : `${total} 个单位都检查过了`;
    summary.textContent = `${head}：有错误的 ${withErrors} 个，只有警告的 ${withWarnings} 个。`;
  }
}

/**
 * Some units of a batch; asked again while the service is busy, nothing where it refuses.
 * @param {string} path
 * @returns {Promise<{ findings: (Diagnostic & { allowed?: string })[] }[] | null>}
 */
async function looked(path) {
  for (let tries = 0; tries < 30; tries += 1) {
    const response = await fetch(path, { credentials: "same-origin" }).catch(() => null);
    if (response && response.ok) return response.json();
    if (response && response.status !== 503) return null;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  return null;
}
