/**
 * Measures how long nfscribe takes to start, and how often it wakes up while idle.
 *
 *     deno task bench:start [--markdown]
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { fromFileUrl } from "../../src/text/file_url.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { UdpSender } from "../ffi/udp_sender.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { nft } from "../kernel/firewall.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { familyOf, memoryOf } from "./cpu.ts";
import { spread } from "./summary.ts";

const ROUNDS = 7;
const GROUP = 701;
/** Time for which wake-ups are counted, in seconds; work left from the start is done by then. */
const IDLE_SECONDS = 10;
const SETTLE_MS = 5000;
/** Interval of checks whether the group is held, in milliseconds. */
const LOOK_MS = 2;

const FILTER = fromFileUrl(new URL("filter.ts", import.meta.url).href);

/** Starts it; returns when its group was bound and when it was ready, in milliseconds. */
async function start(folder: string) {
  const began = performance.now();
  const starting = startNfscribe(
    ...["--group", String(GROUP), "--pcap", `${folder}/t.pcap`, "--filter", FILTER],
  );
  let isOver = false;
  starting.finally(() => isOver = true).catch(() => {});
  while (!isOver && holderOf(holders(), GROUP) === undefined) {
    await delay(LOOK_MS);
  }
  const bound = performance.now() - began;
  const running = await starting;
  return { running, bound, ready: performance.now() - began };
}

function holders(): string {
  return readProcFile("/proc/net/netfilter/nfnetlink_log") ?? "";
}

/**
 * Measures the time from a kill of the sandbox to the first packet that its replacement passes, in
 * milliseconds.
 */
async function replacement(pid: number, file: string): Promise<number> {
  using sender = new UdpSender("127.0.0.1", 9);
  const before = (await Deno.stat(file)).size;
  const [, sandbox] = familyOf(pid);
  const began = performance.now();
  Deno.kill(sandbox!, "SIGKILL");
  while ((await Deno.stat(file)).size === before) {
    sender.send(1, 72);
    await delay(LOOK_MS);
  }
  return performance.now() - began;
}

/** Counts how often all threads of a process and its children gave up the processor voluntarily. */
async function sleeps(pid: number): Promise<number> {
  let sum = 0;
  for (const one of familyOf(pid)) {
    // Deno lists this folder only for a process with all permissions.
    for (const name of (await must(["ls", `/proc/${one}/task`])).trim().split("\n")) {
      const status = readProcFile(`/proc/${one}/task/${name}/status`) ?? "";
      sum += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }
  }
  return sum;
}

const spreadText = (values: number[]) => {
  const { least, median, most } = spread(values);
  return `${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`;
};

await using folder = await temporaryFolder();
const times = { bound: [] as number[], ready: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  const { running, bound, ready } = await start(folder.path);
  await using _ = running;
  times.bound.push(bound);
  times.ready.push(ready);
}
const { running } = await start(folder.path);
await using _ = running;
await delay(SETTLE_MS);
const before = await sleeps(running.pid);
await delay(IDLE_SECONDS * 1000);
const wakeUps = (await sleeps(running.pid) - before) / IDLE_SECONDS;
const idleMegabytes = memoryOf(running.pid);
const replacements: number[] = [];
{
  await using _rules = await nft([[
    "input",
    `udp dport 9 log group ${GROUP} queue-threshold 1 drop`,
  ]]);
  for (let round = 0; round < ROUNDS; round++) {
    replacements.push(await replacement(running.pid, `${folder.path}/t.pcap`));
    // After repeated failures packets would pass without the script.
    await delay(500);
  }
}
const rows = [
  ["from start to bound socket", spreadText(times.bound)],
  ["from start to the first packet that is filtered", spreadText(times.ready)],
  ["from a kill of the sandbox to the first packet of the next", spreadText(replacements)],
  ["memory while nothing happens, of both processes (PSS)", `${idleMegabytes.toFixed(0)} MB`],
  ["wake-ups of all threads while nothing happens", `${wakeUps.toFixed(1)} a second`],
];
for (const [what, figure] of rows) {
  console.log(Deno.args.includes("--markdown") ? `| ${what} | ${figure} |` : `${what}: ${figure}`);
}
