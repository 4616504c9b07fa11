// @ts-check
// Parts of the form that open when there is something to enter.

import { byId, unfold } from "./elements.js";

/** What only the formal edition bears is asked for when there is one. */
export function followEdition() {
  const edition = byId("edition", HTMLSelectElement).value;
  const section = byId("formal", HTMLDetailsElement);
  if (edition === "formal" && section.dataset.edition !== "formal") section.open = true;
  // The pages are those of the edition that is written, unless somebody looks at both.
  const view = byId("edition-view", HTMLSelectElement);
  if (section.dataset.edition !== edition && view.value !== "both") view.value = edition;
  section.dataset.edition = edition;
}

/** Whoever comes by the outline finds the section open. */
export function followOutline() {
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (target) unfold(target);
  });
}
