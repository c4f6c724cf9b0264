/**
 * A throw-away output and a throw-away source, each a folder and a line in each of its two
 * registries, by path from the project's root.
 *
 * @module
 */

const CSV_OUTPUT = `/** The CSV output: a row a packet. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { openFile } from "../file/open.ts";
import { fileEntries, fileProblems } from "../file/options.ts";

/** The CSV output. */
export default defineOutput({
  type: "csv",
  kinds: ["packet"],
  entries: fileEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write a row per packet",
    like: /\\.csv$/,
    example: "packets.csv",
  },
  init: { purpose: "rows for a spreadsheet", value: "nfscribe.csv", isOffered: true, lines: "" },
  problems: fileProblems,
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: () => ({}),
  open: (options, { warn }) =>
    openFile(options, { header: new Uint8Array(0), check: (_, size) => ({ end: size }) }, warn),
});
`;

const CSV_ENCODER = `/** The pure half of the CSV output. */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";

class CsvEncoder implements Encoder<RawPacket> {
  encode({ bytes, payloadOffset, payloadLength }: RawPacket, out: Uint8Array, at: number): number {
    const port = bytes[payloadOffset + 22]! << 8 | bytes[payloadOffset + 23]!;
    const row = new TextEncoder().encode(\`\${payloadLength},\${port}\\n\`);
    if (at + row.length > out.length) return NO_ROOM;
    out.set(row, at);
    return row.length;
  }
}

/** Encoders of the CSV output. */
export const csvEncoders = defineEncoders({ packet: () => new CsvEncoder() });
`;

const NUMBERS_SOURCE =
  `/** The numbers source: packets of its own, to the ports 1, 2, 3 and so on. */

import { InterfaceTable } from "../../packet/interface.ts";
import { ok } from "../../finding.ts";
import { described, wholeNumber } from "../../schema.ts";
import { defineSource, type SourceExaminer } from "../define.ts";
import { NOTHING_QUEUED, type Reader } from "../source.ts";

class NumbersReader implements Reader {
  readonly foreign = 0;
  readonly droppedDatagrams = 0;
  readonly clock = { seconds: 1, nanoseconds: 0 };
  readonly interfaces = new InterfaceTable();
  #left: number;
  #port = 0;
  constructor(count: number) {
    this.#left = count;
  }
  get ended(): boolean {
    return this.#left === 0;
  }
  receive(buffer: Uint8Array): number {
    if (this.ended) return NOTHING_QUEUED;
    this.#left--;
    buffer.fill(0, 0, 28);
    buffer.set([0x45, 0, 0, 28], 0);
    buffer.set([64, 17], 8);
    buffer.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
    buffer.set([0, 9, 0, ++this.#port, 0, 8], 20);
    return 28;
  }
  wait(): Promise<void> {
    return Promise.resolve();
  }
  wake(): void {}
  stop(): void {
    this.#left = 0;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

const examiner: SourceExaminer<{ count: number }> = {
  source: (_, { name }) => [ok(\`source \${name}\`, "makes packets")],
};

/** The numbers source. */
export default defineSource({
  type: "numbers",
  kind: "packet",
  entries: { count: described("How many packets there are.", wholeNumber(1, 255)) },
  identity: "count",
  canWait: true,
  shorthand: { name: "numbers", value: "N", help: "make packets", like: /^#\\d+$/, example: "3" },
  init: { remark: "packets that are made", value: "3", lines: "" },
  permissions: () => [],
  examiner: () => Promise.resolve(examiner),
  open: ({ count }) => Promise.resolve(new NumbersReader(count)),
});
`;

const NUMBERS_DECODER = `/** The pure half of the numbers source. */

import type { Memory } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import type { Decoder } from "../../record/decoder.ts";
import { defineDecoder } from "../../record/define.ts";

class NumbersDecoder implements Decoder<RawPacket> {
  received = 0;
  readonly lost = 0;
  readonly malformed = 0;
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  position = 0;
  #memory: Memory | undefined;
  #end = 0;
  forget(): void {}
  begin(memory: Memory, offset: number, length: number): void {
    this.#memory = memory;
    this.position = offset;
    this.#end = offset + length;
  }
  next(packet: RawPacket): boolean {
    if (this.#memory === undefined || this.position >= this.#end) return false;
    packet.reset(this.#memory.bytes, this.position, this.#end);
    packet.family = 2;
    packet.hwProtocol = 0x0800;
    packet.payloadOffset = this.position;
    packet.payloadLength = this.#end - this.position;
    this.position = this.#end;
    this.received++;
    return true;
  }
}

/** The decoder of the numbers source. */
export const numbersDecoder = defineDecoder({
  kind: "packet",
  make: () => new NumbersDecoder(),
});
`;

/** New files. */
export const PARTS: Readonly<Record<string, string>> = {
  "src/output/csv/output.ts": CSV_OUTPUT,
  "src/output/csv/encoder.ts": CSV_ENCODER,
  "src/source/numbers/source.ts": NUMBERS_SOURCE,
  "src/source/numbers/decoder.ts": NUMBERS_DECODER,
};

/** Lines of the registries, as they are and as they become: an import, and the part itself. */
export const LINES: Readonly<
  Record<string, readonly (readonly [before: string, after: string])[]>
> = {
  "src/output/outputs.ts": [
    ["import logemu ", 'import csv from "./csv/output.ts";\nimport logemu '],
    ["graphite, prometheus]", "graphite, prometheus, csv]"],
  ],
  "src/output/encoders.ts": [
    [
      "import { logemuEncoders",
      'import { csvEncoders } from "./csv/encoder.ts";\nimport { logemuEncoders',
    ],
    ["  logemu: ", "  csv: csvEncoders,\n  logemu: "],
  ],
  "src/source/sources.ts": [
    ["import pcap ", 'import numbers from "./numbers/source.ts";\nimport pcap '],
    ["[nflog, pcap, ", "[nflog, numbers, pcap, "],
  ],
  "src/source/decoders.ts": [
    [
      "import { pcapDecoder",
      'import { numbersDecoder } from "./numbers/decoder.ts";\nimport { pcapDecoder',
    ],
    ["  pcap: ", "  numbers: numbersDecoder,\n  pcap: "],
  ],
};
