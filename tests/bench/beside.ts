/**
 * nfscribe beside its peers: CPU per packet, loss, memory and the time to drain, on the
 * same load, in one run, in a network namespace of its own.
 *
 *     deno task bench:beside --help
 *
 * All programs run all the time, each with a group of its own; a rule sends the load to
 * one of them. After a warm-up they take turns, in another order each round, so that a
 * slow phase of the machine does not hit one alone. docs/benchmarks.md explains the figures.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { Progress } from "../../src/terminal/progress.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { machine } from "./machine.ts";
import { type Load, measure, type Round } from "./measure.ts";
import { type Program, programs, spelled } from "./programs.ts";
import { Running, seesHolders } from "./running.ts";
import type { Report, Result } from "./summary.ts";
import { asMarkdown, asText } from "./table.ts";

const HELP = `Usage: deno task bench:beside [OPTION…]

  --packets N     packets a round (default 1000000)
  --warm-up N     packets before them (default 1000000)
  --rounds N      rounds after the warm-up (default 5)
  --size N        bytes of a packet, 64 to 1500 (default 100)
  --rate N        packets a second (default: as fast as one core sends them)
  --nfscribe PATH the command of nfscribe, as where it is installed (default: scripts/nfscribe)
  --memory        files on a file system in memory
  --only TEXT,…   only programs whose names contain one of these
  --verbose       show each program's command and configuration
  --json          print all rounds, for machines
  --markdown      print the tables of docs/benchmarks.md`;

const options = parseArgs(Deno.args, {
  boolean: ["help", "memory", "verbose", "json", "markdown"],
  string: ["packets", "warm-up", "rounds", "size", "rate", "nfscribe", "only"],
  unknown: (word) => fail(2, `Cannot understand ${word}; see --help`),
});

if (options.help) {
  console.log(HELP);
  Deno.exit(0);
}
const load: Load = {
  packets: number("packets", 1_000_000, 1, 1e9),
  size: number("size", 100, 64, 1500),
  rate: number("rate", Infinity, 1, 1e9),
  generators: 1,
};
const warmUp: Load = { ...load, packets: number("warm-up", 1_000_000, 1, 1e9) };
const rounds = number("rounds", 5, 1, 1000);
if (!HAS_NFT || !seesHolders()) {
  fail(1, "Cannot measure: it takes nft, and root, who alone sees which process holds a group");
}

const report = await run();
if (options.json) console.log(JSON.stringify(report));
else if (options.markdown) console.log(asMarkdown(report));
else console.log(asText(report));

async function run(): Promise<Report> {
  await using folder = await temporaryFolder();
  await using mounts = new AsyncDisposableStack();
  if (options.memory) {
    await must(["mount", "-t", "tmpfs", "none", folder.path]);
    mounts.defer(async () => void await must(["umount", "--lazy", folder.path]));
  }
  const wanted = String(options.only ?? "").split(",");
  const all = programs(folder.path, options.nfscribe as string | undefined)
    .filter(({ name }) => wanted.some((text) => name.includes(text)));
  if (all.length === 0) fail(2, `No program's name contains ${options.only}; try --only pcap`);
  if (options.verbose) {
    for (const program of all) console.error(`${program.name}:\n${spelled(program)}\n`);
  }
  const results = await measureAll(all, folder.path);
  const { rate, ...rest } = load;
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: await machine(),
    load: { ...rest, rate: rate === Infinity ? null : rate },
    results,
  };
}

async function measureAll(all: readonly Program[], folder: string): Promise<Result[]> {
  const can = all.filter(({ missing }) => missing === undefined);
  await using stack = new AsyncDisposableStack();
  const running: Running[] = [];
  for (const program of can) running.push(stack.use(await Running.start(program, folder)));
  const taken = new Map<Program, Round[]>(can.map((program) => [program, []]));
  const turns = (rounds + 1) * running.length;
  using progress = new Progress({ label: "bench", total: turns });
  let done = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const one of inOrder(running, round)) {
      taken.get(one.program)!.push(await measure(one, round === 0 ? warmUp : load));
      const words = `round ${round} of ${rounds}: ${one.program.name}`;
      if (progress.isShown) progress.show(++done, words);
      else if (!options.json) console.error(words);
    }
  }
  const kept = new Map<Program, number>();
  for (const one of running) kept.set(one.program, await one.stop());
  return all.map((program) => resultOf(program, taken.get(program) ?? [], kept.get(program) ?? 0));
}

function resultOf(program: Program, rounds: readonly Round[], kept: number): Result {
  const { name, kind, missing } = program;
  const logged = rounds.reduce((sum, round) => sum + round.logged, 0);
  return {
    name,
    kind,
    spelled: spelled(program),
    ...missing !== undefined && { skipped: missing },
    rounds: rounds.slice(1),
    logged,
    lost: logged - kept,
  };
}

/** Returns the programs forwards and backwards in turn, starting at another one each time. */
function inOrder<T>(all: readonly T[], round: number): T[] {
  const first = round % all.length;
  const turned = [...all.slice(first), ...all.slice(0, first)];
  return round % 2 === 0 ? turned : turned.reverse();
}

function number(name: string, absent: number, least: number, most: number): number {
  const word = options[name];
  if (word === undefined) return absent;
  const value = Number(word);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return fail(2, `Cannot take ${word} as --${name}; give a whole number, ${least} to ${most}`);
}

function fail(status: number, message: string): never {
  console.error(message);
  Deno.exit(status);
}
