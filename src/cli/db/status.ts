/** `nfscribe db status`: what the tables hold, and what waits for them. */

import { reasonOf } from "../../buffer/segment_folder.ts";
import { countWaiting } from "../../buffer/waiting.ts";
import type { TableStatus } from "../../output/define.ts";
import { recordTableOf } from "../../output/table/record_tables.ts";
import { escaped, jsonLine } from "../../text/escape.ts";
import { counted, grouped, sizeText } from "../../text/figures.ts";

/**
 * Shows the status of tables as an object in one line.
 *
 * @param packets The table of packets.
 * @param others The others, which are fields of the object, by their usual names.
 * @param spool The spool's folder; undefined where that is not known.
 */
export function showStatusAsJson(
  { positions, kind: _, isFileSize: __, ...packets }: TableStatus,
  others: readonly TableStatus[],
  spool: string | undefined,
): void {
  const waiting = spool === undefined ? undefined : waitingIn(spool, positions);
  const further = others.map(({ kind, positions: _, hosts: __, where: ___, ...status }) => {
    const { isFileSize, bytes, ...figures } = status;
    return [recordTableOf(kind).name, isFileSize ? figures : { ...figures, bytes }] as const;
  });
  console.log(jsonLine({
    ...packets,
    spool: waiting && { folder: spool, ...waiting },
    ...Object.fromEntries(further),
  }));
}

/** Shows the status of tables for people to read. */
export function showStatus(
  packets: TableStatus,
  others: readonly TableStatus[],
  spool: string | undefined,
): void {
  const { where, isFileSize, bytes, hosts } = packets;
  // Sessions write rows of all tables.
  const ofAll = [
    ...isFileSize ? [sizeLine(bytes)] : [],
    ...hosts.map(({ host, sessions, rows, updated }) =>
      `  host     ${escaped(host)}: ${grouped(rows)} rows in ${
        counted(sessions, "session")
      }, the last at ${escaped(updated)}`
    ),
  ];
  if (spool !== undefined) {
    const { error, rows } = waitingIn(spool, packets.positions);
    ofAll.push(`  spool    ${spool}: ${error ?? `${grouped(rows!)} rows wait`}`);
  }
  const heading = others.length > 0 && ofAll.length > 0 ? [escaped(`${where}: all tables`)] : [];
  for (const line of [...[packets, ...others].flatMap(linesOf), ...heading, ...ofAll]) {
    console.log(line);
  }
}

/** Returns the lines about a table alone. */
function linesOf(
  { where, table, version, newestVersion, rows, oldest, newest, bytes, isFileSize }: TableStatus,
): string[] {
  return [
    escaped(`${where}: table ${table}`),
    `  version  ${version}${version === newestVersion ? "" : `, ${newestVersion} is the newest`}`,
    `  rows     ${rows === undefined ? "not counted within the time limit" : grouped(rows)}`,
    ...oldest === undefined ? [] : [`  oldest   ${oldest}`, `  newest   ${newest}`],
    ...isFileSize ? [] : [sizeLine(bytes)],
  ];
}

function sizeLine(bytes: number): string {
  return `  size     ${sizeText(bytes)}`;
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
