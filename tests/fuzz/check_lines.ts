/**
 * Invariants of lines of JSON, in every format, of any datagram's packets.
 *
 * @module
 */

import { Memory } from "../../src/bytes/memory.ts";
import { jsonEncoders } from "../../src/output/json/encoder.ts";
import type { LineOptions } from "../../src/output/json/options.ts";
import { ActionTable } from "../../src/packet/actions.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import type { Decoder } from "../../src/record/decoder.ts";
import { type Encoder, UNFIT } from "../../src/record/encoder.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { schemaProblems } from "../packet/structured_schema.ts";

/** Characters that a line has nowhere but at its end, or that act on a terminal. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const INTERFACES = new InterfaceTable().with([[1, "lo"], [2, 'a "\\\u2028'], [3, "a\u202e\n"]]);
const ACTIONS = new ActionTable({ "a*": "drop", "b*": "reject", "c*": "accept", "*": "log" });

const OPTIONS: Omit<LineOptions, "format"> = {
  hostname: "gate",
  session: "6f1b2c3d-0000-4000-8000-000000000001",
  payload: true,
  flavor: "ndjson",
  timestamp: true,
  eventv1: false,
  device: "Netfilter",
  booleanLabel: true,
  plugins: ["BASE", "IFINDEX", "IP2STR", "HWHDR"],
  sequence: ["local", "global"],
  label: 0,
  sumTime: true,
};
const FORMATS = ["nfscribe", "ecs", "ocsf", "ulogd2"] as const;
type Format = typeof FORMATS[number];

/** Makes lines of the packets of datagrams, and reads them back. */
export class LineCheck {
  /** Lines so far, by format. */
  readonly lines: Record<Format, number> = { nfscribe: 0, ecs: 0, ocsf: 0, ulogd2: 0 };
  readonly #encoders: readonly (readonly [Format, Encoder<RawPacket>])[] = FORMATS.map(
    (format) => [format, jsonEncoders.packet!({ ...OPTIONS, format })],
  );
  readonly #out = new Uint8Array(64 * 1024);
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /**
   * Decodes a datagram, and checks that each of its packets is one line of each format that has
   * lines for it: JSON, that fits the schema in nfscribe's own.
   *
   * @throws {Error} If an invariant is violated.
   */
  datagram(bytes: Uint8Array, decoder: Decoder<RawPacket> = new NflogDecoder()): void {
    const memory = new Memory(new ArrayBuffer(bytes.length + 8 & ~7));
    memory.bytes.set(bytes);
    decoder.begin(memory, 0, bytes.length, 1_700_000_000, 5);
    const packet = new RawPacket(INTERFACES);
    packet.actions = ACTIONS;
    while (decoder.next(packet)) {
      for (const [format, encoder] of this.#encoders) this.#check(format, encoder, packet);
    }
  }

  #check(format: Format, encoder: Encoder<RawPacket>, packet: RawPacket): void {
    const length = encoder.encode(packet, this.#out, 0);
    if (length === UNFIT && format === "ocsf") return;
    if (length <= 0) throw new Error(`${format} has no line: ${length}`);
    const line = this.#text.decode(this.#out.subarray(0, length));
    if (!line.endsWith("\n")) throw new Error(`${format} does not end its line: ${line}`);
    const text = line.slice(0, -1);
    if (STEERING.test(text)) throw new Error(`${format} acts on a terminal: ${text}`);
    const form = JSON.parse(text);
    const problems = format === "nfscribe" ? schemaProblems(form) : undefined;
    if (problems !== undefined) throw new Error(`${text} does not fit the schema: ${problems}`);
    this.lines[format]++;
  }
}
