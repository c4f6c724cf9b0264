/**
 * Feeds random and damaged datagrams to the decoders, the packets with all of
 * their headers, the matchers, the readable lines and the pcap encoder:
 * `main.ts [COUNT [SEED]]`. The same seed gives the same datagrams.
 *
 * @module
 */

import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { Batches } from "./batches.ts";
import { Check } from "./check.ts";
import { Datagrams } from "./datagrams.ts";
import { Random } from "./random.ts";

/** How many failures are shown; all are counted. */
const SHOWN = 5;

const count = Number(Deno.args[0] ?? 1_000_000);
const seed = Number(Deno.args[1] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
  console.error("Usage: main.ts [COUNT [SEED]], both whole numbers");
  Deno.exit(2);
}
console.log(`seed ${seed}`);

const random = new Random(seed);
const datagrams = new Datagrams(random);
const checkDatagrams = new Check();
const batches = new Batches(random);
const checkBatches = new Check(() => new PcapDecoder());
const start = performance.now();
let failures = 0;
for (let n = 1; n <= count; n++) {
  // Every fourth one is of a capture file.
  const ofFile = n % 4 === 0;
  const datagram = ofFile ? batches.next() : datagrams.next();
  try {
    (ofFile ? checkBatches : checkDatagrams).datagram(datagram);
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
if (failures > 0) Deno.exit(1);
