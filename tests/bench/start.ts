/**
 * Measures how long nfscribe takes to start, as it is installed and from a checkout, and how often
 * it wakes up while idle.
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
import { startProgram } from "../kernel/nfscribe.ts";
import { must, ROOT, temporaryFolder } from "../system/process.ts";
import { familyOf, memoryOf } from "./cpu.ts";
import { spread } from "./summary.ts";

const ROUNDS = 9;
const GROUP = 701;
/** Time for which wake-ups are counted, in seconds; work left from the start is done by then. */
const IDLE_SECONDS = 10;
const SETTLE_MS = 5000;
/** Interval of checks whether the group is held, in milliseconds. */
const LOOK_MS = 2;

const FILTER = fromFileUrl(new URL("filter.ts", import.meta.url).href);

/** Starts a command; returns when its group was bound and when it was ready, in milliseconds. */
async function start(command: string, config: string) {
  const began = performance.now();
  const starting = startProgram(command, "run", "-c", config);
  let isOver = false;
  starting.finally(() => isOver = true).catch(() => {});
  while (!isOver && holderOf(holders(), GROUP) === undefined) {
    await delay(LOOK_MS);
  }
  const bound = performance.now() - began;
  const running = await starting;
  return { running, bound, ready: performance.now() - began };
}

/** Starts a command some times, after once for its caches; returns the times. */
async function starts(command: string, config: string) {
  const times = { bound: [] as number[], ready: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const { running, bound, ready } = await start(command, config);
    await using _ = running;
    if (round === 0) continue;
    times.bound.push(bound);
    times.ready.push(ready);
  }
  return times;
}

/** Returns how long a command takes to its end, in milliseconds. */
async function durations(...command: readonly string[]): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const began = performance.now();
    await must(command);
    if (round > 0) times.push(performance.now() - began);
  }
  return times;
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
const config = `${folder.path}/nfscribe.toml`;
await Deno.writeTextFile(
  config,
  `[[source]]
type = "nflog"
group = ${GROUP}
[filter]
script = "${FILTER}"
[output.pcap]
path = "${folder.path}/t.pcap"
[stats]
socket = "${folder.path}/stats.sock"
`,
);
await must([`${ROOT}scripts/install`, "--root", `${folder.path}/root`]);
const nfscribe = `${folder.path}/root/usr/local/bin/nfscribe`;
const installed = await starts(nfscribe, config);
const checkout = await starts(`${ROOT}scripts/nfscribe`, config);
const { running } = await start(nfscribe, config);
await using _ = running;
const commands: [command: string, times: number[]][] = [
  ["nfscribe --help", await durations(nfscribe, "--help")],
  ["nfscribe stats", await durations(nfscribe, "stats", "-c", config)],
  [
    "nfscribe check --group 1 --pcap t.pcap",
    await durations(nfscribe, "check", "--group", "1", "--pcap", `${folder.path}/u.pcap`),
  ],
];
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
  ["from command to bound socket", spreadText(installed.bound)],
  ["from command to the first packet that is filtered", spreadText(installed.ready)],
  ["from the command of a checkout to bound socket", spreadText(checkout.bound)],
  [
    "from the command of a checkout to the first packet that is filtered",
    spreadText(checkout.ready),
  ],
  ...commands.map(([command, times]) => [`\`${command}\``, spreadText(times)]),
  ["from a kill of the sandbox to the first packet of the next", spreadText(replacements)],
  ["memory while nothing happens, of both processes (PSS)", `${idleMegabytes.toFixed(0)} MB`],
  ["wake-ups of all threads while nothing happens", `${wakeUps.toFixed(1)} a second`],
];
for (const [what, figure] of rows) {
  console.log(Deno.args.includes("--markdown") ? `| ${what} | ${figure} |` : `${what}: ${figure}`);
}
