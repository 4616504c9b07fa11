// @ts-check
// The other edition beside the one that is written, or in its place: the same report, public or formal.

import { byId, make } from "./elements.js";
import { form, preview } from "./parts.js";
import { Preview } from "./preview.js";
import { followProofs } from "./proof.js";
import { refusal } from "./service.js";
import { readForm } from "./tree.js";

/** @import { Report } from "./service.js" */
/** @import { Elements } from "./tree.js" */

const own = byId("pages");
const pages = make("div", "pages");
pages.id = "other-pages";
pages.tabIndex = 0;
pages.setAttribute("role", "group");
own.after(pages);

const other = new Preview(pages, form.dataset.collection);
/** @type {typeof preview.onPick} */
const pick = (element, path, words) => preview.onPick(element, path, words);
other.onPick = pick;

/** @type {AbortController | null} */
let running = null;

followProofs(show);

/** Shows the editions that are chosen. */
export function showEditions() {
  const { report, elements } = readForm(form);
  return show(report, elements);
}

/**
 * @param {Report} report
 * @param {Elements} elements
 */
async function show(report, elements) {
  const view = byId("edition-view", HTMLSelectElement).value;
  const written = byId("edition", HTMLSelectElement).value;
  const edition = written === "formal" ? "public" : "formal";
  own.hidden = view === edition;
  pages.hidden = view === written;
  byId("preview").classList.toggle("shows-both", view === "both");
  pages.setAttribute("aria-label", edition === "formal" ? "报送版的各页" : "公开版的各页");
  if (running) running.abort();
  if (pages.hidden) return;
  const current = new AbortController();
  running = current;
  pages.setAttribute("aria-busy", "true");
  try {
    await other.show({ ...report, edition }, elements, current.signal);
  } catch (error) {
    if (current.signal.aborted) return;
    pages.replaceChildren(make("p", "pages-empty", refusal(error).message));
    other.pages = [];
  }
  pages.setAttribute("aria-busy", "false");
}
