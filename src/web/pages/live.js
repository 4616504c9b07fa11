// @ts-check
// A page that follows its collection: what changes on it changes in place, whatever its reader is at. It asks
// for itself anew, never more often than every few seconds however much happens, and takes over the parts that
// differ. Without scripts it is the page it was.

import { all, first } from "./elements.js";

/** How long it waits before it asks again: at least, and how many times as long as the last answer took. */
const PAUSE = 2000;
const SHARE = 5;

/** When it tries again where the service would not have it. */
const REST = 30_000;

/** How many units are named at a time. */
const NAMED = 3;

const follower = first(document, "[data-follow]");
const state = first(document, "[data-live]");

/** The number of the last event that was heard of. */
let seen = Number(follower.dataset.events);
let isAsking = false;
let isStale = false;

/**
 * What tells of events, while this page is looked at: a browser has six connections to a service, and pages that lie
 * behind others would take them all.
 * @type {EventSource | null}
 */
let events = null;

follow();
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    events?.close();
    events = null;
    return;
  }
  if (!events) follow();
  if (isStale) ask();
});

function follow() {
  if (document.hidden) return;
  const unit = follower.dataset.unit;
  const opened = new EventSource(`/api/collections/${follower.dataset.follow}/events?after=${seen}`);
  events = opened;
  opened.addEventListener("happened", (event) => {
    seen = Number(event.lastEventId) || seen;
    if (!unit || JSON.parse(event.data).unit === unit) ask();
  });
  opened.addEventListener("error", () => {
    // It comes again by itself, unless it was turned away.
    if (opened.readyState !== EventSource.CLOSED || opened !== events) return;
    setTimeout(async () => {
      if (opened === events && (await ask())) follow();
    }, REST);
  });
}

/** Asks for the page now or, where it was just asked for, later. False where it is not to be had any more. */
async function ask() {
  isStale = true;
  if (isAsking || document.hidden) return true;
  isAsking = true;
  isStale = false;
  const start = performance.now();
  const response = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  // A page that is busy is asked for again; one that leads elsewhere is no longer this reader's.
  const isHad = response && response.ok && !response.redirected;
  const isLost = response && !isHad && response.status < 500;
  if (isLost) state.textContent = "这一页不再更新，请刷新；登录已过期的，请重新登录。";
  if (isHad) tell(take(new DOMParser().parseFromString(await response.text(), "text/html")));
  else isStale = true;
  setTimeout(
    () => {
      isAsking = false;
      if (isStale && !isLost) ask();
    },
    isHad ? Math.max(PAUSE, SHARE * (performance.now() - start)) : REST,
  );
  return !isLost;
}

/**
 * Takes over what differs. The names of what changed: units, or the state of one.
 * @param {Document} page
 */
function take(page) {
  /** @type {string[]} */
  const changed = [];
  const before = stateOfUnit();
  const place = placeOfFocus();
  for (const part of all(document, "[data-part]")) {
    const other = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!(other instanceof HTMLElement) || part.innerHTML === other.innerHTML) continue;
    const rows = part.querySelector("tbody");
    const others = other.querySelector("tbody");
    if (rows && others) changed.push(...takeRows(rows, others));
    else part.replaceChildren(...other.childNodes);
  }
  if (place && document.activeElement === document.body) {
    const again = document.querySelector(place);
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  }
  if (stateOfUnit() !== before) changed.push(stateOfUnit());
  return changed;
}

/**
 * The rows of one table become those of another; a row that is the same stays the same element.
 * @param {Element} rows
 * @param {Element} others
 */
function takeRows(rows, others) {
  /** @type {string[]} */
  const changed = [];
  for (const row of all(rows, ".is-changed")) row.classList.remove("is-changed");
  const known = new Map(all(rows, "[data-key]").map((row) => [row.dataset.key, row]));
  const wanted = all(others, "[data-key]").map((row) => {
    const old = known.get(row.dataset.key);
    if (old && old.innerHTML === row.innerHTML) return old;
    row.classList.add("is-changed");
    changed.push(first(row, "th").textContent || "");
    return row;
  });
  const kept = new Set(wanted);
  for (const row of Array.from(rows.children)) if (!kept.has(/** @type {HTMLElement} */ (row))) row.remove();
  wanted.forEach((row, at) => {
    if (rows.children[at] !== row) rows.insertBefore(row, rows.children[at] || null);
  });
  return changed;
}

/** How far the unit is whose page this is. */
function stateOfUnit() {
  return (follower.dataset.unit && first(document, "[data-part] .tag").textContent) || "";
}

/** Where the focus is, as a selector that finds it again; nothing outside of what changes. */
function placeOfFocus() {
  const focused = document.activeElement;
  const keyed = focused && focused.closest("[data-key]");
  const part = focused && focused.closest("[data-part]");
  if (!(keyed instanceof HTMLElement) || !(part instanceof HTMLElement)) return null;
  const one = `[data-part="${part.dataset.part}"] [data-key="${CSS.escape(keyed.dataset.key || "")}"]`;
  return keyed === focused ? one : `${one} a`;
}

/**
 * Says it once, in short.
 * @param {string[]} names
 */
function tell(names) {
  if (!names.length) return;
  if (follower.dataset.unit) {
    state.textContent = `刚刚更新：${names[0]}。要办理的，请先刷新这一页。`;
    return;
  }
  const more = names.length > NAMED ? `等 ${names.length} 个单位` : "";
  state.textContent = `刚刚更新：${names.slice(0, NAMED).join("、")}${more}。`;
}
