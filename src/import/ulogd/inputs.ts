/** Converts ulogd's input plugins to sources. */

import type { Reasons, Settings } from "./settings.ts";
import type { Source } from "./table.ts";

/** Range of `buffer_size`. */
const BUFFER_SIZE = { least: 4096, most: 0x3fff_ffff };

/** Reasons of settings that are not taken over. */
export const INPUT_REASONS = {
  bufsize: "not needed; nfscribe's memory holds whatever the kernel sends at once",
  numeric_label: "outputs that print it have it as label; elsewhere give the rule a prefix instead",
} satisfies Reasons;

/** Converts the socket's buffer; ulogd lets it grow, nfscribe takes the largest size at once. */
export function bufferSize(
  settings: Settings,
  key: string,
  largestKey: string,
): Pick<Source, "entries" | "notes"> {
  const size = settings.number(key);
  const largest = settings.number(largestKey);
  const chosen = (largest?.number ?? 0) > (size?.number ?? 0) ? largest : size;
  if (chosen === undefined || chosen.number === 0) return { entries: [], notes: [] };
  const { number, line } = chosen;
  if (number < BUFFER_SIZE.least || number > BUFFER_SIZE.most) {
    return {
      entries: [],
      notes: [`line ${line}: ${chosen.key}=${number}: nfscribe's default is better`],
    };
  }
  const notes = chosen === largest
    ? [`line ${line}: nfscribe takes the buffer at once; it does not grow`]
    : [];
  return { entries: [["buffer_size", number]], notes };
}
