// @ts-check
// The parts of the page that the scripts work at together: the form, its drafts, and what stands
// beside it.

import { Drafts } from "./drafts.js";
import { byId } from "./elements.js";
import { Findings } from "./findings.js";
import { Guide } from "./guide.js";
import { ImportedDocument } from "./imported.js";
import { LastYear } from "./last_year.js";
import { Preview } from "./preview.js";

export const form = byId("form", HTMLFormElement);
export const drafts = new Drafts(form.dataset.contract || "");
export const preview = new Preview(byId("pages"), form.dataset.collection);
export const findings = new Findings(form, byId("findings-panel"), byId("findings-button"));
export const guide = new Guide();
export const imported = new ImportedDocument(form, byId("import-panel"), byId("import-button"));
export const lastYear = new LastYear(form, byId("last-year-panel"), byId("last-year-button"));
