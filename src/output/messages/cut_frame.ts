/** Cuts frames into groups of records; a sandbox wrote them, so that they may hold anything. Pure. */

import { readLe16, readLe32 } from "../../bytes/memory.ts";
import type { RecordKind } from "../../record/kind.ts";
import { DESCRIPTION, GROUP, HEAD, INTERFACE, KINDS, NAME_MOST } from "./frame_format.ts";

/** Records of one kind, host and source. */
export interface Group {
  kind: RecordKind;
  /** Host that logged them; empty for this host. */
  host: string;
  /** Name of the source; empty if there is only one. */
  capture: string;
  /** Number of the records. */
  records: number;
  /** Their bytes. */
  length: number;
  /** The records: their frame, and where each begins and ends in it. */
  pieces: { frame: Uint8Array; places: number[] }[];
  /** Names of interfaces by index. */
  interfaces: Map<number, string>;
}

/**
 * Cuts a frame.
 *
 * @returns Its groups in the order of their beginnings; undefined if it is not one that nfscribe's
 *   encoders write.
 */
export function cutFrame(frame: Uint8Array): Group[] | undefined {
  const groups = new Map<number, Group>();
  for (let at = 0; at < frame.length;) {
    if (at + HEAD > frame.length) return undefined;
    const word = readLe32(frame, at + 4);
    const start = at + HEAD;
    const end = start + readLe32(frame, at);
    if (end > frame.length) return undefined;
    if (word === GROUP) {
      const group = describedAt(frame, start, end);
      if (group === undefined) return undefined;
      groups.set(at, group);
    } else {
      const group = groups.get(at - (word & ~INTERFACE));
      if (group === undefined) return undefined;
      if ((word & INTERFACE) === 0) addRecord(group, start, end);
      else if (!addInterface(group, frame, start, end)) return undefined;
    }
    at = end;
  }
  const found = [...groups.values()];
  return found.every(({ records }) => records > 0) ? found : undefined;
}

/** Joins groups of the same kind, host and source, in their order. */
export function joinGroups(groups: readonly Group[]): Group[] {
  const joined = new Map<string, Group>();
  for (const group of groups) {
    const key = JSON.stringify([group.kind, group.host, group.capture]);
    const first = joined.get(key);
    if (first === undefined) {
      joined.set(key, { ...group, pieces: [...group.pieces] });
      continue;
    }
    first.records += group.records;
    first.length += group.length;
    first.pieces.push(...group.pieces);
    first.interfaces = new Map([...first.interfaces, ...group.interfaces]);
  }
  return [...joined.values()];
}

/** Returns the bytes of a group's records, which are copied into a body of so many bytes. */
export function bodyOf(
  { pieces, length }: Pick<Group, "pieces" | "length">,
  body: Uint8Array = new Uint8Array(length),
): Uint8Array {
  let to = 0;
  for (const { frame, places } of pieces) {
    for (let i = 0; i < places.length; i += 2) {
      const [start, end] = [places[i]!, places[i + 1]!];
      body.set(frame.subarray(start, end), to);
      to += end - start;
    }
  }
  return body;
}

function describedAt(frame: Uint8Array, start: number, end: number): Group | undefined {
  if (end - start < DESCRIPTION) return undefined;
  const kind = KINDS[frame[start + 8]!];
  const host = start + DESCRIPTION;
  const capture = host + readLe16(frame, start + 12);
  if (kind === undefined || capture + readLe16(frame, start + 14) !== end) return undefined;
  if (capture - host > NAME_MOST || end - capture > NAME_MOST) return undefined;
  return {
    kind,
    host: nameAt(frame, host, capture),
    capture: nameAt(frame, capture, end),
    records: 0,
    length: 0,
    pieces: [{ frame, places: [] }],
    interfaces: new Map(),
  };
}

function addRecord(group: Group, start: number, end: number): void {
  group.pieces[0]!.places.push(start, end);
  group.length += end - start;
  group.records++;
}

function addInterface(group: Group, frame: Uint8Array, start: number, end: number): boolean {
  const isRight = end - start > 4 && end - start <= 4 + NAME_MOST;
  if (isRight) group.interfaces.set(readLe32(frame, start), nameAt(frame, start + 4, end));
  return isRight;
}

/** Decodes a name, without control characters. */
function nameAt(frame: Uint8Array, start: number, end: number): string {
  const name = new TextDecoder().decode(frame.subarray(start, end));
  // deno-lint-ignore no-control-regex
  return name.replaceAll(/[\0-\x1f\x7f]/g, "\ufffd");
}
