// @ts-check
// The digest of the report (成绩单): the figures and sentences that are proposed, to be ticked, and its files.

import { byId, first, make, makeButton } from "./elements.js";
import { nameOf, saveBlob } from "./files.js";
import { notice } from "./notices.js";
import { Panel } from "./panel.js";
import { findings, form } from "./parts.js";
import { ask, post, refusal } from "./service.js";
import { readForm } from "./tree.js";

/** @typedef {{ chosen: boolean, headline: boolean, at: string, name: string, value: string }} FigureTick */

/** @typedef {{ chosen: boolean, at: string, lead: string, text: string }} SentenceTick */

/** @typedef {{ figures: FigureTick[], sections: { heading: string, sentences: SentenceTick[] }[] }} Choice */

/** The files, with what each is for. */
const FILES = [
  ["pdf", "一页纸（PDF）"],
  ["png", "手机长图（PNG）"],
  ["svg", "手机长图（SVG）"],
  ["html", "网页"],
  ["docx", "Word 文件"],
  ["txt", "见报的文字"],
];

const { button, panel } = made();

/** What was ticked when it was last shown. @type {Choice | null} */
let last = null;

/** The panel, and its button beside that of last year's report. */
function made() {
  const button = makeButton("button button-quiet", "成绩单", () => {});
  button.id = "digest-button";
  const element = make("section", "panel");
  element.id = "digest-panel";
  element.setAttribute("aria-label", "成绩单");
  element.hidden = true;
  button.setAttribute("aria-controls", element.id);
  byId("last-year-button").after(button);
  first(document, ".workbench").append(element);
  const panel = new Panel(form, element, button, () => (panel.isOpen ? panel.close() : openDigest()));
  return { button, panel };
}

/** Asks what the report as it stands offers, and shows it. */
export async function openDigest() {
  button.hidden = false;
  const { report, elements } = readForm(form);
  try {
    /** @type {Choice} */
    const offer = await (await post("/api/digest?format=list", report)).json();
    if (last) keep(last, offer);
    last = offer;
    panel.show("成绩单", ...shown(offer));
  } catch (error) {
    const refused = refusal(error);
    if (refused.findings) findings.show(refused.findings, elements);
    panel.show("成绩单", make("p", "", `还做不成成绩单。${refused.message}。`));
  }
}

/**
 * What somebody ticked stays ticked, where the report still says it.
 * @param {Choice} before
 * @param {Choice} offer
 */
function keep(before, offer) {
  const figures = new Map(before.figures.map((one) => [`${one.at} ${one.name}`, one]));
  for (const one of offer.figures) {
    const known = figures.get(`${one.at} ${one.name}`);
    if (known) Object.assign(one, { chosen: known.chosen, headline: known.headline });
  }
  const sentences = new Map(before.sections.flatMap((section) => section.sentences.map((one) => [`${one.at} ${one.text}`, one])));
  for (const one of offer.sections.flatMap((section) => section.sentences)) {
    const known = sentences.get(`${one.at} ${one.text}`);
    if (known) one.chosen = known.chosen;
  }
}

/** @param {Choice} offer */
function shown(offer) {
  const files = make("p", "buttons");
  for (const [format, title] of FILES) {
    const button = makeButton("button button-small", title, () => download(format, offer, button));
    files.append(button);
  }
  /** @type {HTMLElement[]} */
  const parts = [
    make("p", "", "勾上的写进成绩单；句子和数字都照报告原样，不改写。报告改过以后，请重新打开这一栏。"),
    files,
  ];
  if (offer.figures.length) {
    const list = group("数字");
    for (const one of offer.figures) {
      const line = make("div", "digest-figure");
      const large = tick("大字", one.headline, (is) => (one.headline = is));
      line.append(tick(`${one.name} ${one.value}`, one.chosen, (is) => (one.chosen = is)), large);
      first(large, "input").setAttribute("aria-label", `${one.name}用大字`);
      list.append(line);
    }
    parts.push(list);
  }
  for (const section of offer.sections) {
    const list = group(section.heading || "导语");
    for (const one of section.sentences) list.append(tick(`${one.lead}${one.text}`, one.chosen, (is) => (one.chosen = is)));
    parts.push(list);
  }
  return parts;
}

/** @param {string} title */
function group(title) {
  const list = make("fieldset", "digest-group");
  const legend = make("legend");
  legend.append(make("h3", "", title));
  list.append(legend);
  return list;
}

/**
 * @param {string} words
 * @param {boolean} is
 * @param {(is: boolean) => void} set
 */
function tick(words, is, set) {
  const label = make("label", "check");
  const box = make("input");
  box.type = "checkbox";
  box.checked = is;
  box.addEventListener("change", () => set(box.checked));
  label.append(box, make("span", "", words));
  return label;
}

/**
 * @param {string} format
 * @param {Choice} choice
 * @param {HTMLButtonElement} button
 */
async function download(format, choice, button) {
  const { report } = readForm(form);
  const body = new FormData();
  for (const [name, value] of Object.entries({ report, choice })) {
    body.append(name, new Blob([JSON.stringify(value)], { type: "application/json" }), `${name}.json`);
  }
  button.disabled = true;
  try {
    const response = await ask(`/api/digest?format=${format}`, { method: "POST", body });
    const name = nameOf(response, `digest.${format}`);
    saveBlob(name, await response.blob());
    const told = JSON.parse(response.headers.get("Nianbao-Findings") || "[]");
    const words = told.map((/** @type {{ message: string }} */ one) => `${one.message}。`).join("");
    notice("digest", "note", `已生成《${name}》，在浏览器的下载里。${words}`, []);
  } catch (error) {
    notice("digest", "error", `成绩单没有生成。${refusal(error).message}。`, []);
  } finally {
    button.disabled = false;
  }
}
