/**
 * Measures how `workers` scale: a filter that computes for some microseconds per packet processes a
 * backlog in the kernel.
 *
 *     scripts/in_namespace deno run -A tests/bench/workers.ts [PACKETS [MICROSECONDS]]
 *
 * nfscribe's own thread takes a small part of a core; sandboxes beyond the remaining cores cannot
 * help.
 *
 * @module
 */

import { nft } from "../kernel/firewall.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import { flood } from "../kernel/traffic.ts";
import { temporaryFolder, until } from "../system/process.ts";

const PACKETS = Number(Deno.args[0] ?? 100_000);
const MICROSECONDS = Number(Deno.args[1] ?? 5);
/** Size of a record in bytes: its header and a packet of 100 bytes. */
const RECORD = 116;

/** Returns the packets per second that a number of sandboxes processes. */
async function rate(workers: number): Promise<number> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/filter.ts`,
    `export default () => {
  const end = performance.now() + ${MICROSECONDS / 1000};
  while (performance.now() < end);
  return true;
};`,
  );
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = 1\nbuffer_size = 268435456\n` +
      `[filter]\nscript = "filter.ts"\nworkers = ${workers}\n[output.pcap]\npath = "t.pcap"\n`,
  );
  await using _rules = await nft([["input", "udp dport 9 log group 1 drop"]]);
  await using nfscribe = await startNfscribe("-c", `${path}/nfscribe.toml`);
  const size = async () => (await Deno.stat(`${path}/t.pcap`)).size;
  nfscribe.kill("SIGSTOP");
  await flood(PACKETS);
  const start = performance.now();
  nfscribe.kill("SIGCONT");
  await until("all are written", async () => await size() >= 24 + PACKETS * RECORD, 120_000);
  return PACKETS / (performance.now() - start) * 1000;
}

const one = await rate(1);
console.log(`A filter of ${MICROSECONDS} µs per packet on ${navigator.hardwareConcurrency} cores`);
console.log(`workers 1: ${Math.round(one)} packets/s`);
for (const workers of [2, 4]) {
  const several = await rate(workers);
  const times = (several / one).toFixed(2);
  console.log(`workers ${workers}: ${Math.round(several)} packets/s, ${times} × one`);
}
