/**
 * What a script threw, in a line.
 *
 * @module
 */

/** Characters of a message that are kept. */
const MESSAGE_MAX = 1000;
/** Causes that are told. */
const CAUSES_MAX = 4;

/**
 * The error and the script's own line that it comes from.
 *
 * @param error Whatever was thrown.
 * @param script The script's address.
 * @returns As in `TypeError: x is not a function (/etc/nfscribe/filter.ts:3:10)`.
 */
export function faultText(error: unknown, script: string): string {
  try {
    if (!(error instanceof Error)) return `threw ${String(error)}`.slice(0, MESSAGE_MAX);
    const text = errorText(error).slice(0, MESSAGE_MAX);
    const place = placeIn(String(error.stack ?? ""), script);
    return place === undefined || text.includes(place) ? text : `${text} (${place})`;
  } catch {
    return "threw something that cannot be shown";
  }
}

/**
 * An error's name and message, with those of its causes: `fetch` tells there what failed.
 *
 * @returns As in `TypeError: fetch failed: error sending request for url (http://192.0.2.1/)`.
 */
export function errorText(error: Error): string {
  const { name, message } = error;
  // An error of loading carries an error's name and its place in its message already.
  let text = /^(\w*Error: )/.test(message) ? message : `${name}: ${message}`;
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < CAUSES_MAX; depth++) {
    text += `: ${cause.message}`;
    ({ cause } = cause);
  }
  return text;
}

/** The first line of a stack that lies in the script's folder, as a path with line and column. */
function placeIn(stack: string, script: string): string | undefined {
  const folder = script.slice(0, script.lastIndexOf("/") + 1);
  if (folder === "") return undefined;
  const from = stack.indexOf(folder);
  if (from < 0) return undefined;
  const place = /^[^\s)]+:\d+:\d+/.exec(stack.slice(from))?.[0];
  return place?.replace(/^file:\/\//, "");
}
