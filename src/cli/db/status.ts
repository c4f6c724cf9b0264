/** `nfscribe db status`: what a table holds, and what waits for it. */

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
  const waiting = spool === undefined ? undefined : countWaiting(spool, ".rows", positions);
  if (isJson) {
    const form = { ...figures, spool: waiting && { folder: spool, ...rowsOf(waiting) } };
    console.log(jsonLine(form));
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
    lines.push(`spool    ${spool}: ${grouped(waiting.records)} rows wait`);
  }
  console.log(escaped(`${where}: table ${table}`));
  for (const line of lines) console.log(`  ${line}`);
}

function rowsOf({ records, bytes }: { records: number; bytes: number }) {
  return { rows: records, bytes };
}
