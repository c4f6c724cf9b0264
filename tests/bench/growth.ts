/**
 * Whether the cost of a packet grows faster than the work: over the number of groups, prefixes,
 * outputs, workers, terms of an expression, and addresses in a filter's Map.
 *
 *     deno task bench:growth --help
 *
 * All points of a series run all the time and take turns, so that a slow phase of the machine does
 * not hit one alone. Ends with status 1 if a cost grows faster.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { HAS_NFT } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { hasProgram, must, temporaryFolder } from "../system/process.ts";
import { spread } from "./summary.ts";
import { type Cost, type Setup, UnderLoad } from "./under_load.ts";
import { type Growth, growthOf, sentenceOf } from "./verdict.ts";

const HELP = `Usage: deno task bench:growth [OPTION…]

  --packets N   packets a round (default 300000)
  --rounds N    rounds after the warm-up (default 5)
  --only TEXT   only series whose names contain this
  --markdown    print the tables of docs/performance.md
  --json        print all rounds, for machines`;

const options = parseArgs(Deno.args, {
  boolean: ["help", "markdown", "json"],
  string: ["packets", "rounds", "only"],
  unknown: (word) => fail(2, `Cannot understand ${word}; see --help`),
});

/** Setups that differ in one number. */
interface Series {
  name: string;
  counts: readonly number[];
  /** Work of a packet, in any unit, of so many, at a rate of packets a second. */
  work: (count: number, rate: number) => number;
  setup: (count: number) => Omit<Setup, "group">;
  /** Program that it needs. */
  needs?: string;
}

const PCAP = '[output.pcap]\npath = "t.pcap"\n';
const EXPRESSION = `udp dst port ${PORT}`;

const same = () => 1;

/** Datagrams a second of a group with few packets: one each 100 ms (`queue_timeout_ms`). */
const DATAGRAMS = 10;
/** Cost of a datagram, in packets: its system calls, and those for names and for drops. */
const DATAGRAM = 60;

/** Returns the work of a packet that so many groups share: each group makes its own datagrams. */
const grouped = (groups: number, rate: number) => 1 + DATAGRAM * DATAGRAMS * groups / rate;

/** Returns so many outputs of one kind. */
function outputs(count: number, where: string): string {
  const one = (_: unknown, index: number) =>
    `[output.t${index}]\ntype = "pcap"\npath = "t${index}.pcap"\nwhere = "${where}"\n`;
  return Array.from({ length: count }, one).join("");
}

/**
 * Returns so many prefixes: as many lengths as possible, which places of attributes in a message
 * depend on, and 60 characters each on average.
 */
function prefixes(count: number): string[] {
  const lengths = Math.min(count, 113);
  return Array.from({ length: count }, (_, index) => {
    const length = 60 + index % lengths - (lengths >> 1);
    return `${index}`.padEnd(length, "p");
  });
}

/** Returns an expression of so many terms, of which the last one is true. */
function terms(count: number): string {
  const others = Array.from(
    { length: count - 1 },
    (_, index) => `dst host 10.0.${index >> 8}.${index & 255}`,
  );
  return [...others, EXPRESSION].join(" or ");
}

const COUNTING = `const seen = new Map();
export default (packet) => {
  const key = packet.destination;
  seen.set(key, (seen.get(key) ?? 0) + 1);
  return true;
};
`;

const SERIES: readonly Series[] = [
  {
    name: "groups",
    counts: [1, 2, 8, 32, 128, 256],
    work: grouped,
    setup: (groups) => ({ groups, where: EXPRESSION, outputs: PCAP }),
  },
  {
    name: "groups at 50,000 packets/s",
    counts: [1, 8, 32, 256],
    work: grouped,
    setup: (groups) => ({ groups, where: EXPRESSION, outputs: PCAP, rate: 50_000, share: 4 }),
  },
  {
    name: "prefixes, another one with each packet",
    counts: [1, 8, 64, 1000],
    work: same,
    setup: (count) => ({ prefixes: prefixes(count), where: EXPRESSION, outputs: PCAP }),
  },
  {
    name: "prefixes, in runs of 64 packets",
    counts: [1, 8, 64, 1000],
    work: same,
    setup: (count) => ({ prefixes: prefixes(count), run: 64, where: EXPRESSION, outputs: PCAP }),
  },
  {
    name: "outputs that take all",
    counts: [1, 2, 4, 8, 16],
    work: (count) => count,
    setup: (count) => ({ outputs: outputs(count, EXPRESSION) }),
  },
  {
    name: "outputs that take none",
    counts: [1, 2, 4, 8, 16],
    work: (count) => count,
    setup: (count) => ({ outputs: outputs(count, "udp dst port 1") }),
  },
  {
    name: "workers",
    counts: [1, 2, 4],
    work: same,
    setup: (workers) => ({ workers, where: EXPRESSION, outputs: PCAP }),
  },
  {
    name: "terms of an expression",
    counts: [1, 10, 100, 1000],
    work: (count) => count,
    setup: (count) => ({ where: terms(count), outputs: PCAP }),
  },
  {
    name: "addresses in a filter's Map",
    counts: [1, 1000, 100_000],
    // The more there are, the slower the processor's cache that they fit into.
    work: (addresses) => 1 + Math.log10(addresses) / 5,
    setup: (addresses) => ({ addresses, filter: COUNTING, outputs: PCAP }),
    needs: "gcc",
  },
];

/** Measurements of one point. */
interface Measured {
  count: number;
  rounds: Cost[];
  lost: number;
}

if (options.help) {
  console.log(HELP);
  Deno.exit(0);
}
const packets = number("packets", 300_000);
const rounds = number("rounds", 5);
const chosen = SERIES.filter(({ name }) => name.includes(String(options.only ?? "")));
if (chosen.length === 0) fail(2, `No series' name contains ${options.only}; try --only groups`);
if (!HAS_NFT) fail(1, "Cannot measure: it takes nft, and the right to use it");

let isTooFast = false;
if (options.markdown) {
  console.log("| over | number | least CPU µs/packet | times | work times | lost |");
  console.log("| --- | --: | --: | --: | --: | --: |");
}
for (const series of chosen) {
  const { name, needs } = series;
  if (needs !== undefined && !hasProgram(needs)) {
    console.log(`${name}: skipped, needs ${needs}\n`);
    continue;
  }
  const points = await measured(series);
  const growth = growthOf(points.map(({ count, rounds }) => {
    const least = rounds.reduce((least, one) => one.total < least.total ? one : least);
    return { count, work: series.work(count, least.rate), cost: least.total };
  }));
  isTooFast ||= growth.isTooFast;
  if (options.json) console.log(JSON.stringify({ name, points, growth }));
  else if (options.markdown) console.log(line(name, points, growth));
  else console.log(`${table(name, points)}\n${sentenceOf(growth)}\n`);
}
Deno.exit(isTooFast ? 1 : 0);

/** Measures all points of a series, one after the other in each round. */
async function measured({ name, counts, setup }: Series): Promise<Measured[]> {
  await using folder = await temporaryFolder();
  await must(["mount", "-t", "tmpfs", "none", folder.path]);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void await must(["umount", "--lazy", folder.path]));
  const points: Measured[] = counts.map((count) => ({ count, rounds: [], lost: 0 }));
  const running: UnderLoad[] = [];
  let group = 1;
  for (const count of counts) {
    const one = { ...setup(count), group };
    group += one.groups ?? 1;
    running.push(stack.use(await UnderLoad.start(one, `${folder.path}/${count}`)));
  }
  for (let round = 0; round <= rounds; round++) {
    for (const [index, one] of running.entries()) {
      const cost = await one.round(packets);
      if (round > 0) points[index]!.rounds.push(cost);
    }
    console.error(`${name}: round ${round} of ${rounds}`);
  }
  for (const [index, one] of running.entries()) points[index]!.lost = await one.stop();
  return points;
}

/** Returns a series as a row of Markdown: where the cost grew most, compared with the work. */
function line(name: string, points: readonly Measured[], { from, to, cost, work }: Growth): string {
  const least = points.map(({ rounds }) => Math.min(...rounds.map(({ total }) => total)));
  const cells = [
    name,
    points.map(({ count }) => count.toLocaleString("en")).join(" · "),
    least.map((micros) => micros.toFixed(2)).join(" · "),
    `${cost.toFixed(2)} (${from} to ${to})`,
    work.toFixed(2),
    `${points.reduce((sum, { lost }) => sum + lost, 0)}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function table(name: string, points: readonly Measured[]): string {
  const heads = [name, "CPU µs/packet", "least to most", "in the kernel", "lost"];
  const rows = points.map(({ count, rounds, lost }) => {
    const { least, median, most } = spread(rounds.map(({ total }) => total));
    const kernel = spread(rounds.map(({ kernel }) => kernel)).median;
    const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
    return [count.toLocaleString("en"), median.toFixed(2), range, kernel.toFixed(2), `${lost}`];
  });
  const widths = heads.map((head) => Math.max(14, head.length));
  return [heads, ...rows].map((row) =>
    row.map((cell, column) => cell.padStart(widths[column]!)).join(" ")
  ).join("\n");
}

function number(name: "packets" | "rounds", absent: number): number {
  const word = options[name];
  if (word === undefined) return absent;
  const value = Number(word);
  if (Number.isInteger(value) && value > 0) return value;
  return fail(2, `Cannot take ${word} as --${name}; give a whole number above 0`);
}

function fail(status: number, message: string): never {
  console.error(message);
  Deno.exit(status);
}
