/** ulogd's ULOG plugin as a ULOG source. */

import { bufferSize, INPUT_REASONS } from "../../import/ulogd/inputs.ts";
import type { Settings } from "../../import/ulogd/settings.ts";
import type { Source } from "../../import/ulogd/table.ts";

/** The group that ulogd listens to where none is named. */
const ULOG_GROUP = 32;

/** Converts the settings of the plugin of ulogd 1 and 2. */
export function importUlog(settings: Settings): Source {
  const group = settings.number("nlgroup");
  const buffer = bufferSize(settings, "rmem", "");
  const number = group?.number ?? ULOG_GROUP;
  // Its place where it stands as a bit mask, as in the kernel's own interface.
  const place = number > 32 ? Math.log2(number) + 1 : number;
  const notes = [...buffer.notes, ...settings.notes(INPUT_REASONS)];
  if (group === undefined) notes.push(`ulogd listens to group ${ULOG_GROUP} where none is named`);
  else if (place !== number) {
    notes.push(`line ${group.line}: nlgroup=${group.value} is group ${place} as a bit mask`);
  }
  notes.push(
    'Kernels since 3.17 have no ULOG. There change the rules, and this to type = "nflog":',
    '  nfscribe rules --from "iptables …" prints them',
  );
  const source: Source = {
    entries: [["type", "ulog"], ["group", place], ...buffer.entries],
    notes,
    share: `group ${place}`,
  };
  if (!Number.isInteger(place) || place < 1 || place > 32) {
    const message = `nlgroup must be a number from 1 to 32, not ${group?.value}`;
    source.problem = { line: group?.line ?? 1, message };
  }
  return source;
}
