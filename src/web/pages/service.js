// @ts-check
// What this page asks of the service, and what it says when there is no answer.

/**
 * One thing that the checks found.
 * @typedef {object} Diagnostic
 * @property {string} code
 * @property {"error" | "warning" | "note"} severity
 * @property {string} path
 * @property {string} message
 * @property {string} hint
 * @property {{ words: string }} [span]
 * @property {{ start: number, end: number, words: string, replacement: string }[]} [remedy]
 */

/**
 * A report as far as it goes: nothing is certain of what is in it.
 * @typedef {Record<string, any>} Report
 */

/** The service did not do what was asked; the message says why and what to do. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {Diagnostic[] | null} [findings]
   * @param {boolean} [isPassing]
   */
  constructor(message, findings, isPassing) {
    super(message);
    /** What is wrong with the report, where that is why. */
    this.findings = findings || null;
    /** Whether asking again may help. */
    this.isPassing = Boolean(isPassing);
  }
}

/**
 * Whatever was thrown, as something to be said.
 * @param {unknown} thrown
 */
export function refusal(thrown) {
  if (thrown instanceof Refused) return thrown;
  return new Refused(thrown instanceof Error ? thrown.message : String(thrown));
}

/**
 * Posts a report.
 * @param {string} path
 * @param {Report} report
 * @param {AbortSignal} [signal]
 */
export function post(path, report, signal) {
  return ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(report), signal });
}

/**
 * Asks for something; throws what `Refused` says, or that it was broken off.
 * @param {string} path
 * @param {RequestInit} [request]
 */
export async function ask(path, request) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...request });
  } catch (error) {
    if (request && request.signal && request.signal.aborted) throw error;
    throw new Refused("连不上服务。文字都在这台电脑上，没有丢", null, true);
  }
  if (response.ok) return response;
  if (response.status === 503) throw new Refused("服务正忙。文字没有丢", null, true);
  const said = await response.json().catch(() => null);
  if (Array.isArray(said)) throw new Refused(said.map((one) => `${one.message}。${one.hint}`).join("；"), said);
  if (said && said.message) throw new Refused(`${said.message}。${said.hint}`);
  throw new Refused(`服务没有完成（${response.status}）。文字没有丢，请稍后再试`, null, response.status >= 500);
}
