import { assert } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { CpuMeter, familyOf } from "../bench/cpu.ts";
import { send, settle } from "../bench/measure.ts";
import { type Program, programs } from "../bench/programs.ts";
import { Running } from "../bench/running.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { BOUND, BUSY_BOUND, TO_ULOGD } from "./cost_bounds.ts";
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

/** Share of the CPU time for which a process may wait for a core in a calm round. */
const CALM = 0.25;

/** Least costs of a packet for a program, in microseconds of CPU time. */
interface Costs {
  all: number;
  /** Of rounds in which other work took no core from it; Infinity if there was none. */
  calm: number;
}

/** Returns the time for which a program and its children waited for a core, in microseconds. */
function waited(pid: number): number {
  // The second field of proc_pid_schedstat(5).
  const delays = familyOf(pid).map((one) => readProcFile(`/proc/${one}/schedstat`)!.split(" ")[1]);
  return delays.reduce((sum, delay) => sum + Number(delay) / 1000, 0);
}

/** Sends a burst to a program; lowers its costs by the round's. */
async function round({ program, pid }: Running, costs: Costs): Promise<void> {
  const packets = program.name.startsWith("ulogd") ? BURST : LONG_BURST;
  const rule = `udp dport ${PORT} log group ${program.group} drop`;
  await using _rules = await nft([["input", rule]]);
  const [meter, before] = [new CpuMeter(pid), waited(pid)];
  await send({ packets, size: 100, rate: Infinity, generators: 1 });
  await settle(pid);
  const { total } = meter.read();
  costs.all = Math.min(costs.all, total / packets);
  if (waited(pid) - before < CALM * total) costs.calm = Math.min(costs.calm, total / packets);
}

/** Comparison of the two programs of one output. */
interface Compared {
  isFallen: boolean;
  text: string;
}

/** Compares each pair: other work makes costs more, and nothing makes them less. */
function compared(costs: readonly Costs[]): Compared[] {
  return KINDS.map((kind, index) => {
    const [ours, theirs] = costs.slice(2 * index, 2 * index + 2) as [Costs, Costs];
    const isCalm = Math.max(ours.calm, theirs.calm) < Infinity;
    const [us, them] = isCalm ? [ours.calm, theirs.calm] : [ours.all, theirs.all];
    const [ratio, most] = [us / them, (isCalm ? BOUND : BUSY_BOUND) * TO_ULOGD[kind]];
    const text = `${kind}: ${us.toFixed(2)} µs, ulogd ${them.toFixed(2)} µs: ` +
      `${ratio.toFixed(3)}, at most ${most.toFixed(3)}${isCalm ? "" : ", beside other work"}`;
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
  const costs = all.map(() => ({ all: Infinity, calm: Infinity }));
  const deadline = performance.now() + DEADLINE_MS;
  for (let count = 1;; count++) {
    for (const [index, one] of running.entries()) await round(one, costs[index]!);
    const pairs = compared(costs);
    const isDone = !pairs.some(({ isFallen }) => isFallen) || performance.now() > deadline;
    if (count >= ROUNDS && isDone) return pairs;
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
