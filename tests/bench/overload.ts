/**
 * Overload: losses and their cost, from 100,000 packets a second to the most that two generators
 * send. Then the load falls, and so must the loss. Draws docs/overload.svg.
 *
 *     deno task bench:overload [--only TEXT,…] [--json | FILE.json…]
 *
 * With `--json` the figures are printed and nothing is drawn; the output of several such runs is
 * drawn together when their files are named.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { parseArgs } from "@std/cli/parse-args";
import { readProcFile } from "../../ffi/proc_file.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { temporaryFolder } from "../system/process.ts";
import { type Curve, curves } from "./curves.ts";
import { type Load, measure, send, settle } from "./measure.ts";
import { programs } from "./programs.ts";
import { holderOfGroup, Running, seesHolders } from "./running.ts";

const SIZE = 100;
/** Duration of a step, in seconds. */
const SECONDS = 1.5;
/** Approximate packets per second of one generator at full speed. */
const FULL = 350_000;
const LOW = step(100_000, 1);
const MOST = step(Infinity, 2);
const STEPS = [LOW, step(200_000, 1), step(300_000, 1), step(Infinity, 1), MOST];
/** Interval of checks for dropped datagrams, in milliseconds. */
const LOOK_MS = 20;
const NAMES = [
  "nfscribe pcap",
  "nfscribe logemu",
  "ulogd pcap",
  "ulogd logemu",
  "ulogd json",
  "tcpdump pcap",
  "the least in C",
];

const options = parseArgs(Deno.args, { string: ["only"], boolean: ["json"] });
const measured: Curve[] = [];
for (const file of options._) measured.push(...JSON.parse(await Deno.readTextFile(String(file))));
if (measured.length === 0) measured.push(...await run(String(options.only ?? "").split(",")));
if (options.json) {
  console.log(JSON.stringify(measured));
} else {
  await Deno.writeTextFile(new URL("../../docs/overload.svg", import.meta.url), curves(measured));
  for (const curve of measured) console.log(line(curve));
}

async function run(wanted: readonly string[]): Promise<Curve[]> {
  if (!HAS_NFT || !seesHolders()) {
    console.error("Cannot measure: it takes nft, and root, who alone sees who holds a group");
    Deno.exit(1);
  }
  await using folder = await temporaryFolder();
  const all = programs(folder.path).filter(({ name, missing }) =>
    NAMES.includes(name) && missing === undefined && wanted.some((text) => name.includes(text))
  );
  const found: Curve[] = [];
  for (const program of all) {
    await using running = await Running.start(program, folder.path);
    found.push(await curveOf(running));
  }
  return found;
}

/** Measures all steps of one program after a warm-up, then the fall. */
async function curveOf(running: Running): Promise<Curve> {
  const steps = [];
  for (const load of [step(Infinity, 1), ...STEPS]) {
    const { offered, logged, kept, cpu, floodMs, drainMs } = await measure(running, load);
    // Packets in a program's own buffer are neither kept nor lost yet.
    const lost = Math.max(0, logged - kept) / logged;
    steps.push({ offered, lost, cores: cpu.total / 1000 / (floodMs + drainMs) });
  }
  return { name: running.program.name, steps: steps.slice(1), fall: await fallOf(running) };
}

/**
 * Applies two overloads, then at once the lowest load: returns the number of dropped datagrams, and
 * the time of the last drop.
 */
async function fallOf(running: Running): Promise<Curve["fall"]> {
  const { group } = running.program;
  await using _rules = await nft([["input", `udp dport ${PORT} log group ${group} drop`]]);
  const portId = holderOfGroup(group)!;
  const before = dropsOf(portId);
  await send(MOST);
  const [start, high] = [performance.now(), dropsOf(portId)];
  let [drops, last, isOver] = [high, start, false];
  const flooded = send(LOW).then(() => isOver = true);
  while (!isOver) {
    await delay(LOOK_MS);
    const now = dropsOf(portId);
    if (now > drops) last = performance.now();
    drops = now;
  }
  await flooded;
  await settle(running.pid);
  return { during: high - before, after: drops - high, lastMs: last - start };
}

/**
 * Reads the number of datagrams that did not fit into a netfilter socket's buffer: the column
 * `Drops`.
 */
function dropsOf(portId: number): number {
  for (const line of (readProcFile("/proc/net/netlink") ?? "").split("\n")) {
    const [, family, holder, , , , , , drops] = line.trim().split(/\s+/);
    if (family === "12" && Number(holder) === portId) return Number(drops);
  }
  throw new Error(`Cannot find netlink socket ${portId} in /proc/net/netlink`);
}

function step(rate: number, generators: number): Load {
  const packets = Math.round(Math.min(rate, FULL * generators) * SECONDS);
  return { packets, size: SIZE, rate, generators };
}

function line({ name, steps, fall }: Curve): string {
  const parts = steps.map(({ offered, lost, cores }) =>
    `${(offered / 1000).toFixed(0)}k/s lost ${(100 * lost).toFixed(1)} % cores ${cores.toFixed(2)}`
  );
  const last = fall.after === 0 ? "none" : `${fall.after}, the last after ${fall.lastMs | 0} ms`;
  return `${name}: ${parts.join("; ")}; dropped datagrams ${fall.during}, then ${last}`;
}
