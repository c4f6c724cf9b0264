/** `nfscribe db status`: what a table holds, and what waits for it. */

import { reasonOf } from "../../buffer/segment_folder.ts";
import { countWaiting } from "../../buffer/waiting.ts";
import type { TableStatus } from "../../output/define.ts";
import { escaped, jsonLine } from "../../text/escape.ts";
import { counted, grouped, sizeText } from "../../text/figures.ts";

/** Shows a table's status. */
export function showStatus(
  status: TableStatus,
  spool: string | undefined,
  isJson: boolean,
): void {
  const { positions, ...figures } = status;
  const waiting = spool === undefined ? undefined : waitingIn(spool, positions);
  if (isJson) {
    console.log(jsonLine({ ...figures, spool: waiting && { folder: spool, ...waiting } }));
    return;
  }
  const { where, table, version, newestVersion, rows, oldest, newest, bytes, hosts } = figures;
  const lines = [
    `version  ${version}${version === newestVersion ? "" : `, ${newestVersion} is the newest`}`,
    `rows     ${rows === undefined ? "not counted within the time limit" : grouped(rows)}`,
    ...oldest === undefined ? [] : [`oldest   ${oldest}`, `newest   ${newest}`],
    `size     ${sizeText(bytes)}`,
    ...hosts.map(({ host, sessions, rows, updated }) =>
      `host     ${escaped(host)}: ${grouped(rows)} rows in ${
        counted(sessions, "session")
      }, the last at ${escaped(updated)}`
    ),
  ];
  if (waiting !== undefined) {
    const { error, rows } = waiting;
    lines.push(`spool    ${spool}: ${error ?? `${grouped(rows!)} rows wait`}`);
  }
  console.log(escaped(`${where}: table ${table}`));
  for (const line of lines) console.log(`  ${line}`);
}

/** Rows that wait in a spool, and the size of its files; or why it cannot be read. */
interface SpoolStatus {
  rows?: number;
  bytes?: number;
  error?: string;
}

function waitingIn(spool: string, positions: ReadonlyMap<string, number>): SpoolStatus {
  try {
    const { records, bytes } = countWaiting(spool, ".rows", positions);
    return { rows: records, bytes };
  } catch (error) {
    return { error: reasonOf(error, spool) };
  }
}
