/** Counts what waits in a segment log that another process may be using. */

import { unlessAbsent } from "../files/place.ts";
import { countIn } from "./segment_file.ts";
import { parseSegmentName, SEGMENT_HEAD } from "./segment_format.ts";
import type { Suffix } from "./segment_folder.ts";

/** Records that wait. */
export interface Waiting {
  records: number;
  /** Size of the log's files. */
  bytes: number;
}

/**
 * Counts records that have not arrived yet. Nothing is locked: figures of a log in use are those of a
 * moment.
 *
 * @param folder The log's folder, which may be missing.
 * @param positions Positions up to which sessions have arrived.
 */
export function countWaiting(
  folder: string,
  suffix: Suffix,
  positions: ReadonlyMap<string, number>,
): Waiting {
  const waiting = { records: 0, bytes: 0 };
  const entries = unlessAbsent(() => [...Deno.readDirSync(folder)]) ?? [];
  for (const { name } of entries) {
    const segment = name.endsWith(suffix)
      ? parseSegmentName(name.slice(0, -suffix.length))
      : undefined;
    if (segment === undefined) continue;
    const path = `${folder}/${name}`;
    const info = unlessAbsent(() => Deno.lstatSync(path));
    using file = info?.isFile === true ? unlessAbsent(() => Deno.openSync(path)) : undefined;
    if (file === undefined) continue;
    const { size } = info!;
    const from = Math.max(SEGMENT_HEAD, (positions.get(segment.session) ?? 0) - segment.base);
    waiting.bytes += size;
    waiting.records += countIn(file, { ...segment, name }, from, size);
  }
  return waiting;
}
