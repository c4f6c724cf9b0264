/** Formats an error of a script as one line. */

/** Limit for a message, in characters. */
const MESSAGE_MAX = 1000;
/** Limit for the chain of causes. */
const CAUSES_MAX = 4;

/**
 * Formats an error with the position in the script that it comes from.
 *
 * @param error Thrown value.
 * @param script URL of the script.
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
 * Formats an error's name and message, with those of its causes: `fetch` gives the reason as the
 * cause.
 *
 * @returns As in `TypeError: fetch failed: error sending request for url (http://192.0.2.1/)`.
 */
function errorText(error: Error): string {
  const { name, message } = error;
  // The message of a load error already starts with the name of an error.
  let text = /^(\w*Error: )/.test(message) ? message : `${name}: ${message}`;
  let { cause } = error;
  for (let depth = 0; cause instanceof Error && depth < CAUSES_MAX; depth++) {
    text += `: ${cause.message}`;
    ({ cause } = cause);
  }
  return text;
}

/** Returns the first position of a stack that is in the script's folder: path, line and column. */
function placeIn(stack: string, script: string): string | undefined {
  const folder = script.slice(0, script.lastIndexOf("/") + 1);
  if (folder === "") return undefined;
  const from = stack.indexOf(folder);
  if (from < 0) return undefined;
  const place = /^[^\s)]+:\d+:\d+/.exec(stack.slice(from))?.[0];
  return place?.replace(/^file:\/\//, "");
}
