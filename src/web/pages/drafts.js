// @ts-check
// Drafts in this browser. Each has an id, the report, and a revision that tells who wrote last: two
// windows on one draft never overwrite each other, the second keeps what it has as another draft.

/** @import { LastReport } from "./last_year.js" */
/** @import { Report } from "./service.js" */

/**
 * @typedef {object} Draft
 * @property {string} id
 * @property {string} contract of the form in which it was written
 * @property {number} revision
 * @property {string} window that saved it
 * @property {number} saved in milliseconds since 1970
 * @property {string} title
 * @property {Report} report
 * @property {LastReport} [lastYear] the report that it was begun from
 * @property {Report} [opened] what the file said that it was opened from
 */

const PREFIX = "nianbao/draft/";
const OPEN = "nianbao/open";

const here = unique();

export class Drafts {
  /** @param {string} contract */
  constructor(contract) {
    this.contract = contract;
    this.id = "";
    this.revision = 0;
    /** The report that it was begun from. @type {LastReport | null} */
    this.lastYear = null;
    /** What the file said that it was opened from. @type {Report | null} */
    this.opened = null;
    /** What stood in it when this page took it up. @type {Report | null} */
    this.asOpened = null;
    /**
     * Called with a draft that another window has saved while this one was looking at it.
     * @type {(newer: Draft) => void}
     */
    this.onNewer = () => {};
    window.addEventListener("storage", (event) => {
      if (event.key !== PREFIX + this.id) return;
      const stored = parsed(event.newValue);
      if (stored && stored.window !== here) this.onNewer(stored);
    });
  }

  /** All drafts, the newest first. */
  all() {
    const drafts = attempt(() => keys().map((key) => parsed(localStorage.getItem(key)))) || [];
    return drafts.filter((draft) => draft !== null).sort((one, other) => other.saved - one.saved);
  }

  /** The draft that this window had open before it was reloaded. */
  lastOpen() {
    const id = attempt(() => sessionStorage.getItem(OPEN));
    return id ? this.load(id) : null;
  }

  /** @param {string} id */
  load(id) {
    return parsed(attempt(() => localStorage.getItem(PREFIX + id)));
  }

  /**
   * Goes on with a draft.
   * @param {Draft} draft
   */
  open(draft) {
    this.id = draft.id;
    this.revision = draft.revision;
    this.lastYear = draft.lastYear || null;
    this.opened = draft.opened || null;
    attempt(() => sessionStorage.setItem(OPEN, draft.id));
  }

  /** Begins another draft; the one before stays. */
  begin() {
    this.id = "";
    this.revision = 0;
    this.lastYear = null;
    this.opened = null;
    this.asOpened = null;
    attempt(() => sessionStorage.removeItem(OPEN));
  }

  /**
   * Saves the report. Tells how it went: `newer` is what another window had saved meanwhile, which is
   * left alone, and this one is a draft of its own now.
   * @param {Report} report
   * @param {string} title
   */
  save(report, title) {
    const stored = this.id ? this.load(this.id) : null;
    const newer = stored && stored.window !== here && stored.revision > this.revision ? stored : null;
    const before = this.id;
    if (!this.id || newer) this.id = unique();
    const draft = {
      id: this.id,
      contract: this.contract,
      revision: newer ? 1 : this.revision + 1,
      window: here,
      saved: Date.now(),
      title,
      report,
      ...(this.lastYear && { lastYear: this.lastYear }),
      ...(this.opened && { opened: this.opened }),
    };
    const isSaved = this.put(draft);
    if (isSaved) this.open(draft);
    else if (newer) this.id = before;
    return { isSaved, saved: draft.saved, newer };
  }

  /**
   * Writes a draft down as it is. Says whether there was room.
   * @param {Draft} draft
   */
  put(draft) {
    return attempt(() => {
      localStorage.setItem(PREFIX + draft.id, JSON.stringify(draft));
      return true;
    }) === true;
  }

  /** @param {string} id */
  remove(id) {
    attempt(() => localStorage.removeItem(PREFIX + id));
  }

  /** Removes every draft of this browser, those that cannot be read as well. Says whether none is left. */
  clear() {
    this.begin();
    return attempt(() => {
      keys().forEach((key) => localStorage.removeItem(key));
      return true;
    }) === true;
  }
}

/** Under what the drafts of this browser are kept. */
function keys() {
  const names = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) || "");
  return names.filter((name) => name.startsWith(PREFIX));
}

/**
 * @param {string | null} text
 * @returns {Draft | null}
 */
function parsed(text) {
  const draft = text && attempt(() => JSON.parse(text));
  return draft && draft.id && draft.report && typeof draft.report === "object" ? draft : null;
}

/**
 * A browser may forbid storage altogether.
 * @template T
 * @param {() => T} what
 */
function attempt(what) {
  try {
    return what();
  } catch {
    return null;
  }
}

function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
