/** Interface of the formats of JSON lines, and parts that several of them have. */

import { ethernetAt } from "../../packet/ethernet.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import type { OutputEvent } from "../../record/encoder.ts";
import { jsonLine } from "../../text/escape.ts";
import { type LineWriter, Word } from "../../text/line.ts";

/** A raw record, as far as the beginning of its object goes. */
export interface Captured {
  /** Name of the host that logged it; empty for this one. */
  readonly host: string;
  /** Session of the nfscribe there; empty for this one. */
  readonly session: string;
  /** Name of its source. */
  readonly capture: string;
}

/** A format of lines of one kind of record. */
export interface LinePrinter<Raw> {
  /** Prepares what is the same for all records of a source. */
  begin(origin: Captured): void;
  /**
   * Writes the members of a record's object, each behind a comma.
   *
   * @returns Whether the format has a line for such records.
   */
  print(line: LineWriter, record: Raw): boolean;
  /** Returns the object of a line that a filter script made; absent where the format has none. */
  event?(event: OutputEvent): Readonly<Record<string, unknown>>;
}

/** Length of an Ethernet address. */
const MAC = 6;

/** Returns members of an object, each behind a comma; none if nothing is chosen. */
export function membersText(members: Readonly<Record<string, unknown>>): string {
  const text = jsonLine(members).slice(1, -1);
  return text === "" ? "" : `,${text}`;
}

/** Returns the word of {@linkcode membersText}. */
export function membersWord(members: Readonly<Record<string, unknown>>): Word {
  return new Word(membersText(members));
}

/** Returns the text of the members that `fields` chooses; of all if it is left out. */
export function chosenText(
  members: Readonly<Record<string, unknown>>,
  fields: readonly string[] | undefined,
): string {
  const chosen = Object.entries(members).filter(([name]) => fields?.includes(name) ?? true);
  return membersText(Object.fromEntries(chosen));
}

/** Writes a member that is a number, if it is known. */
export function writeNumber(line: LineWriter, key: Word, value: number): void {
  if (value === ABSENT) return;
  line.word(key);
  line.decimal(value);
}

/** Returns the offset of the sender's Ethernet address; ABSENT if it is unknown. */
export function sourceMac(packet: RawPacket): number {
  if (packet.hwAddressLength === MAC) return packet.hwAddressOffset;
  const at = ethernetAt(packet);
  return at === ABSENT ? ABSENT : at + MAC;
}

/** Returns the offset of the receiver's Ethernet address; ABSENT if it is unknown. */
export function destinationMac(packet: RawPacket): number {
  return ethernetAt(packet);
}
