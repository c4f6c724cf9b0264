import { assert } from "@std/assert";
import { CpuMeter } from "../bench/cpu.ts";
import { send, settle } from "../bench/measure.ts";
import { type Program, programs } from "../bench/programs.ts";
import { Running } from "../bench/running.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { BOUND, TO_ULOGD } from "./cost_bounds.ts";
import { hasUlogd } from "./ulogd.ts";

const KINDS = ["pcap", "logemu", "json"] as const;
const HAS_ALL = HAS_NFT && KINDS.every((kind) => hasUlogd(kind.toUpperCase()));

/** Packets of a burst for ulogd, which the kernel's buffer holds, so that none is lost. */
const BURST = 50_000;
/** For nfscribe, which needs less time for each. */
const LONG_BURST = 250_000;
/** Rounds at least. */
const ROUNDS = 3;
/** Time for further rounds, while other work on the machine makes packets dear, in milliseconds. */
const DEADLINE_MS = 45_000;

/** Sends a burst to a program; returns the CPU time of a packet, in microseconds. */
async function cost({ program, pid }: Running): Promise<number> {
  const packets = program.name.startsWith("ulogd") ? BURST : LONG_BURST;
  const rule = `udp dport ${PORT} log group ${program.group} drop`;
  await using _rules = await nft([["input", rule]]);
  const meter = new CpuMeter(pid);
  await send({ packets, size: 100, rate: Infinity, generators: 1 });
  await settle(pid);
  return meter.read().total / packets;
}

/** Comparison of the two programs of one output. */
interface Compared {
  isFallen: boolean;
  text: string;
}

/** Compares the least costs of each pair: other work makes them more, and nothing makes them less. */
function compared(least: readonly number[]): Compared[] {
  return KINDS.map((kind, index) => {
    const [ours, theirs] = least.slice(2 * index, 2 * index + 2) as [number, number];
    const [ratio, most] = [ours / theirs, BOUND * TO_ULOGD[kind]];
    const text = `${kind}: ${ours.toFixed(2)} µs, ulogd ${theirs.toFixed(2)} µs: ` +
      `${ratio.toFixed(3)}, at most ${most.toFixed(3)}`;
    return { isFallen: ratio > most, text };
  });
}

/** Runs all programs at the same time, on a file system in memory, and sends bursts in turn. */
async function measured(all: readonly Program[]): Promise<Compared[]> {
  await using folder = await temporaryFolder();
  await must(["mount", "-t", "tmpfs", "none", folder.path]);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void await must(["umount", "--lazy", folder.path]));
  const running: Running[] = [];
  for (const program of all) running.push(stack.use(await Running.start(program, folder.path)));
  const least = all.map(() => Infinity);
  const deadline = performance.now() + DEADLINE_MS;
  for (let round = 1;; round++) {
    for (const [index, one] of running.entries()) {
      least[index] = Math.min(least[index]!, await cost(one));
    }
    const pairs = compared(least);
    const isDone = !pairs.some(({ isFallen }) => isFallen) || performance.now() > deadline;
    if (round >= ROUNDS && isDone) return pairs;
  }
}

Deno.test({
  name:
    "A packet costs as small a part of ulogd's CPU time as it did, to pcap, LOGEMU and JSON (needs nft and ulogd2)",
  ignore: !HAS_ALL,
  fn: async () => {
    const names = KINDS.flatMap((kind) => [`nfscribe ${kind}`, `ulogd ${kind}`]);
    const all = names.map((name) => programs("").find((program) => program.name === name)!);
    const pairs = await measured(all);
    const text = pairs.map(({ text }) => text).join("\n");
    assert(!pairs.some(({ isFallen }) => isFallen), `A packet costs more than it did:\n${text}`);
  },
});
