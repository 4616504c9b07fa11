// Drafts in this browser. Each has an id, the report, and a revision that tells who wrote last: two
// windows on one draft never overwrite each other, the second keeps what it has as another draft.

const PREFIX = "nianbao/draft/";
const OPEN = "nianbao/open";

const here = unique();

export class Drafts {
  constructor(contract) {
    this.contract = contract;
    this.id = null;
    this.revision = 0;
    /** Called with a draft that another window has saved while this one was looking at it. */
    this.onNewer = () => {};
    window.addEventListener("storage", (event) => {
      if (event.key !== PREFIX + this.id || !event.newValue) return;
      const stored = parsed(event.newValue);
      if (stored && stored.window !== here) this.onNewer(stored);
    });
  }

  /** All drafts, the newest first. */
  all() {
    const drafts = [];
    try {
      for (let index = 0; index < localStorage.length; index += 1) {
        const key = localStorage.key(index);
        const draft = key.startsWith(PREFIX) && parsed(localStorage.getItem(key));
        if (draft) drafts.push(draft);
      }
    } catch (error) {
      return [];
    }
    return drafts.sort((one, other) => other.saved - one.saved);
  }

  /** The draft that this window had open before it was reloaded. */
  lastOpen() {
    const id = attempt(() => sessionStorage.getItem(OPEN));
    return (id && this.load(id)) || null;
  }

  load(id) {
    return parsed(attempt(() => localStorage.getItem(PREFIX + id)));
  }

  /** Goes on with a draft. */
  open(draft) {
    this.id = draft.id;
    this.revision = draft.revision;
    attempt(() => sessionStorage.setItem(OPEN, draft.id));
  }

  /** Begins another draft; the one before stays. */
  begin() {
    this.id = null;
    this.revision = 0;
    attempt(() => sessionStorage.removeItem(OPEN));
  }

  /**
   * Saves the report. Tells how it went: `saved`, `apart` where another window had saved a newer
   * one, which is left alone, or `full`.
   */
  save(report, title) {
    const stored = this.id && this.load(this.id);
    const newer = stored && stored.window !== here && stored.revision > this.revision ? stored : null;
    if (!this.id || newer) this.id = unique();
    const draft = {
      id: this.id,
      contract: this.contract,
      revision: newer ? 1 : this.revision + 1,
      window: here,
      saved: Date.now(),
      title,
      report,
    };
    if (!this.put(draft)) {
      if (newer) this.id = stored.id;
      return { outcome: "full" };
    }
    this.open(draft);
    return { outcome: newer ? "apart" : "saved", saved: draft.saved, newer };
  }

  /** Writes a draft down as it is. Says whether there was room. */
  put(draft) {
    return attempt(() => localStorage.setItem(PREFIX + draft.id, JSON.stringify(draft)) || true) === true;
  }

  remove(id) {
    attempt(() => localStorage.removeItem(PREFIX + id));
  }

  /** Removes every draft of this browser, those that cannot be read as well. Says whether none is left. */
  clear() {
    this.begin();
    return attempt(() => {
      const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
      keys.filter((key) => key.startsWith(PREFIX)).forEach((key) => localStorage.removeItem(key));
      return true;
    }) === true;
  }
}

function parsed(text) {
  const draft = text && attempt(() => JSON.parse(text));
  return draft && draft.id && draft.report && typeof draft.report === "object" ? draft : null;
}

// A browser may forbid storage altogether.
function attempt(what) {
  try {
    return what();
  } catch (error) {
    return null;
  }
}

function unique() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
