/**
 * Feeds random and damaged datagrams to the decoders, the packets with all of
 * their headers, the matchers, the readable lines and the pcap encoder, and
 * damaged capture files, packed ones too, to the parsers, and what a sandbox may write
 * into the shared memory and into its socket, to the process that started it; of some packets
 * lines of JSON are made and read back: `main.ts [COUNT [SEED [lines]]]`. The same seed gives the
 * same datagrams; with `lines`, lines are made of all.
 *
 * @module
 */

import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { Batches } from "./batches.ts";
import { Check } from "./check.ts";
import { checkFile, checkPackedFile } from "./check_file.ts";
import { LineCheck } from "./check_lines.ts";
import { CounterCheck, CounterDatagrams } from "./counters.ts";
import { Datagrams } from "./datagrams.ts";
import { Files } from "./files.ts";
import { FlowCheck, FlowDatagrams } from "./flows.ts";
import { Random } from "./random.ts";
import { SandboxWords } from "./sandbox.ts";

/** Number of failures that are shown; all are counted. */
const SHOWN = 5;

const count = Number(Deno.args[0] ?? 1_000_000);
const seed = Number(Deno.args[1] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const [, , only, ...more] = Deno.args;
const isUsage = Number.isSafeInteger(count) && Number.isSafeInteger(seed) && more.length === 0 &&
  (only === undefined || only === "lines");
if (!isUsage) {
  console.error("Usage: main.ts [COUNT [SEED [lines]]], COUNT and SEED whole numbers");
  Deno.exit(2);
}
console.log(`seed ${seed}`);

const random = new Random(seed);
const datagrams = new Datagrams(random);
const checkDatagrams = new Check();
const batches = new Batches(random);
const checkBatches = new Check(() => new PcapDecoder());
const flows = new FlowDatagrams(random);
const checkFlows = new FlowCheck();
const counters = new CounterDatagrams(random);
const checkCounters = new CounterCheck();
const files = new Files(random);
const gzipFiles = await Files.packed(random, "gzip");
const zstdFiles = await Files.packed(random, "zstd");

const sandbox = new SandboxWords(random);
const checkLines = new LineCheck();

/** A kind of input and its invariants. */
interface Kind {
  next(): Uint8Array;
  check(bytes: Uint8Array): unknown;
}

const packedKinds: readonly Kind[] = [
  { next: () => gzipFiles.next(), check: (bytes) => checkPackedFile(bytes, "gzip", random) },
  { next: () => zstdFiles.next(), check: (bytes) => checkPackedFile(bytes, "zstd", random) },
];
const fileKind: Kind = { next: () => files.next(), check: (bytes) => checkFile(bytes, random) };
const batchKind: Kind = {
  next: () => batches.next(),
  check: (bytes) => checkBatches.datagram(bytes),
};
const datagramKind: Kind = {
  next: () => datagrams.next(),
  check: (bytes) => checkDatagrams.datagram(bytes),
};
const flowKind: Kind = {
  next: () => flows.next(),
  check: (bytes) => checkFlows.datagram(bytes),
};

const counterKind: Kind = {
  next: () => counters.next(),
  check: (bytes) => checkCounters.datagram(bytes),
};

const sandboxKind: Kind = {
  next: () => sandbox.next(),
  check: (bytes) => sandbox.check(bytes),
};

const lineKinds: readonly Kind[] = [
  { next: () => datagrams.next(), check: (bytes) => checkLines.datagram(bytes) },
  {
    next: () => batches.next(),
    check: (bytes) => checkLines.datagram(bytes, new PcapDecoder()),
  },
];

/**
 * Selects the kind: a quarter each of datagrams, half of them of connection tracking and of
 * accounting, messages of a sandbox, batches of records, and files, some of them compressed; of one in 128 the lines.
 */
function kindOf(n: number): Kind {
  if (only === "lines" || n % 128 === 3) return lineKinds[n >> 7 & 1]!;
  if (n % 4 === 2) return sandboxKind;
  if (n % 8 === 3) return n % 64 === 11 ? counterKind : flowKind;
  if (n % 64 === 1) return packedKinds[n / 64 & 1]!;
  return n % 4 === 0 ? batchKind : n % 4 === 1 ? fileKind : datagramKind;
}

const start = performance.now();
let failures = 0;
for (let n = 1; n <= count; n++) {
  const datagram = kindOf(n).next();
  try {
    const checked = kindOf(n).check(datagram);
    if (checked instanceof Promise) await checked;
  } catch (error) {
    failures++;
    if (failures <= SHOWN) {
      console.error(`seed ${seed}, datagram ${n}: ${datagram.toHex()}`);
      console.error(error);
    }
  }
  if (n % 100_000 === 0 && n < count) {
    const perSecond = Math.round(n / (performance.now() - start) * 1000);
    console.log(`${n} datagrams, ${failures} failures, ${perSecond}/s`);
  }
}
console.log(`${count} datagrams, ${failures} failures`);
console.log(`lines of JSON: ${JSON.stringify(checkLines.lines)}`);
if (failures > 0) Deno.exit(1);
