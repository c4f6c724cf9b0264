import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import type { Memory } from "../../src/bytes/memory.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { numbered } from "../source/nflog/sample.ts";
import { Batches } from "./batches.ts";
import { Check } from "./check.ts";
import { checkFile, checkPackedFile } from "./check_file.ts";
import { LineCheck } from "./check_lines.ts";
import { CounterCheck, CounterDatagrams } from "./counters.ts";
import { Datagrams, LONGEST } from "./datagrams.ts";
import { Files } from "./files.ts";
import { FlowCheck, FlowDatagrams } from "./flows.ts";
import { Random } from "./random.ts";
import { SandboxWords } from "./sandbox.ts";

/** A faulty decoder that treats bytes after the datagram as part of it. */
class Careless extends NflogDecoder {
  override begin(memory: Memory, offset: number, length: number, s: number, ns: number): void {
    super.begin(memory, offset, length + 4, s, ns);
  }
}

Deno.test("Two thousand random and damaged datagrams do no harm", () => {
  const datagrams = new Datagrams(new Random(2026));
  const check = new Check();
  for (let n = 0; n < 2000; n++) check.datagram(datagrams.next());
});

Deno.test("The fuzz test notices a decoder that reads beyond the datagram", () => {
  const check = new Check(() => new Careless());
  const torn = numbered(1);
  assertThrows(
    () => {
      for (let length = 0; length < torn.length; length++) check.datagram(torn.slice(0, length));
    },
    Error,
    "Reads beyond the datagram",
  );
});

Deno.test("The fuzz test reaches the decoder with packets, damaged ones and losses", () => {
  const datagrams = new Datagrams(new Random(7));
  const seen = { received: 0, lost: 0, malformed: 0 };
  const decoders: NflogDecoder[] = [];
  const check = new Check(() => {
    const decoder = new NflogDecoder();
    decoders.push(decoder);
    return decoder;
  });
  for (let n = 0; n < 500; n++) check.datagram(datagrams.next());
  for (const { received, lost, malformed } of decoders) {
    seen.received += received;
    seen.lost += lost;
    seen.malformed += malformed;
  }
  assertGreater(seen.malformed, 100);
  assertGreater(seen.received - seen.malformed, 500);
  assertGreater(seen.lost, 0);
});

Deno.test("The same seed gives the same datagrams, another seed others", () => {
  const first = (seed: number) => {
    const datagrams = new Datagrams(new Random(seed));
    return Array.from({ length: 50 }, () => datagrams.next().toHex());
  };
  assertEquals(first(1), first(1));
  assert(first(1).join() !== first(2).join());
});

Deno.test("No datagram is longer than its memory has room for", () => {
  const datagrams = new Datagrams(new Random(3));
  for (let n = 0; n < 5000; n++) assert(datagrams.next().length <= LONGEST);
});

Deno.test("Two thousand random and damaged batches of a capture file do no harm", () => {
  const batches = new Batches(new Random(2026));
  const decoders: PcapDecoder[] = [];
  const check = new Check(() => {
    // Each batch is decoded twice, with the same result.
    decoders.push(new PcapDecoder({ copyRange: decoders.length % 4 < 2 ? 50 : 0 }));
    return decoders.at(-1)!;
  });
  for (let n = 0; n < 2000; n++) check.datagram(batches.next());
  const seen = { received: 0, malformed: 0 };
  for (const { received, malformed } of decoders) {
    seen.received += received;
    seen.malformed += malformed;
  }
  assertGreater(seen.malformed, 500);
  assertGreater(seen.received - seen.malformed, 2000);
});

Deno.test("Lines of JSON of two thousand random and damaged datagrams are read back", () => {
  const random = new Random(2026);
  const [datagrams, batches] = [new Datagrams(random), new Batches(random)];
  const check = new LineCheck();
  for (let n = 0; n < 1000; n++) {
    check.datagram(datagrams.next());
    check.datagram(batches.next(), new PcapDecoder());
  }
  for (const lines of Object.values(check.lines)) assertGreater(lines, 500);
});

Deno.test("No batch is longer than its memory has room for", () => {
  const batches = new Batches(new Random(3));
  for (let n = 0; n < 5000; n++) assert(batches.next().length <= LONGEST);
});

Deno.test("Two thousand damaged capture files do no harm, and most of them give packets", () => {
  const random = new Random(2026);
  const files = new Files(random);
  let records = 0;
  for (let n = 0; n < 2000; n++) records += checkFile(files.next(), random);
  assertGreater(records, 4000);
});

for (const packer of ["gzip", "zstd"] as const) {
  Deno.test(`Damaged capture files that ${packer} packed do no harm, and some of them give packets`, async () => {
    const random = new Random(2026);
    const files = await Files.packed(random, packer);
    let records = 0;
    for (let n = 0; n < 200; n++) records += await checkPackedFile(files.next(), packer, random);
    assertGreater(records, 100);
  });
}

Deno.test("Two thousand damaged events of connection tracking do no harm, and many of them give flows", () => {
  const datagrams = new FlowDatagrams(new Random(2026));
  const check = new FlowCheck();
  for (let n = 0; n < 2000; n++) check.datagram(datagrams.next());
  assertGreater(check.records, 500);
  assertGreater(check.malformed, 500);
});

Deno.test("Two thousand damaged readings of counters do no harm, and many of them give counters", () => {
  const datagrams = new CounterDatagrams(new Random(2026));
  const check = new CounterCheck();
  for (let n = 0; n < 2000; n++) check.datagram(datagrams.next());
  assertGreater(check.records, 500);
  assertGreater(check.malformed, 500);
});

Deno.test("A sandbox that writes whatever it likes does its parent no harm, two thousand times", () => {
  const sandbox = new SandboxWords(new Random(2026));
  for (let n = 0; n < 2000; n++) sandbox.check(sandbox.next());
});
