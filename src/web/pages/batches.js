// What scripts add to the pages of batches: a file may be dropped, a batch is followed as it is made,
// and the findings of all its units are counted before it is begun.

const upload = document.querySelector("[data-upload]");
const batch = document.querySelector("[data-batch]");

for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
if (upload) dropping(upload);
if (batch && batch.dataset.state === "running") follow(batch);
if (batch && batch.dataset.state === "uploaded") count(batch);

function dropping(form) {
  const file = form.querySelector("input[type=file]");
  const state = form.querySelector("[data-state]");
  const takes = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    form.classList.add("is-target");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("is-target");
  });
  document.addEventListener("drop", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    form.classList.remove("is-target");
    file.files = event.dataTransfer.files;
    file.focus();
    if (event.dataTransfer.files.length > 1) state.textContent = "一次只能上传一个文件，请先打成一个 ZIP 压缩包";
  });
  form.addEventListener("submit", () => {
    state.textContent = "正在上传和检查……";
  });
}

function follow(form) {
  const events = new EventSource(`/api/batches/${form.dataset.batch}/events`);
  const put = (name, value) => {
    form.querySelector(`[data-${name}]`).textContent = value;
  };
  events.addEventListener("progress", (event) => {
    const { counts } = JSON.parse(event.data);
    const done = counts.total - counts.waiting;
    form.querySelector("[data-progress]").value = done;
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

async function count(form) {
  const total = Number(form.dataset.total);
  const summary = form.querySelector("[data-summary]");
  const size = 100;
  let withErrors = 0;
  let withWarnings = 0;
  for (let from = 1; from <= total; from += size) {
    const units = await looked(`/api/batches/${form.dataset.batch}/units?from=${from}&limit=${size}`);
    if (!units) return;
    for (const { findings } of units) {
      const has = (severity) => findings.some((finding) => finding.severity === severity && !finding.allowed);
      if (has("error")) withErrors += 1;
      else if (has("warning")) withWarnings += 1;
    }
    const checked = Math.min(from + size - 1, total);
    const head = checked < total ? `已检查 ${checked} 个单位，还有 ${total - checked} 个` : `${total} 个单位都检查过了`;
    summary.textContent = `${head}：有错误的 ${withErrors} 个，只有警告的 ${withWarnings} 个。`;
  }
}

/** Some units of a batch; asked again while the service is busy, nothing where it refuses. */
async function looked(path) {
  for (let tries = 0; tries < 30; tries += 1) {
    const response = await fetch(path, { credentials: "same-origin" }).catch(() => null);
    if (response && response.ok) return response.json();
    if (response && response.status !== 503) return null;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  return null;
}
