/**
 * Measures the cost of a packet by size, prefix, filter, outputs, groups and workers. One thing is
 * changed at a time.
 *
 *     deno task bench:growth [--markdown] [--only=TEXT] [PACKETS]
 *
 * @module
 */

import { FAST } from "../../scripts/compile.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { nft } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { startNfscribeWith } from "../kernel/nfscribe.ts";
import { CpuMeter } from "./cpu.ts";
import { send, settle } from "./measure.ts";
import { spread } from "./summary.ts";

const isMarkdown = Deno.args.includes("--markdown");
/** Part of the names of the lines to measure. */
const ONLY = Deno.args.find((argument) => argument.startsWith("--only="))?.slice(7) ?? "";
const PACKETS = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 500_000);
const ROUNDS = 3;
/** The first of the groups. */
const GROUP = 700;
/**
 * Interval in milliseconds of removing written data from files, so that it need not stay in memory.
 */
const EMPTY_MS = 100;

/** A configuration of nfscribe. */
interface Setup {
  /** Name of the change in the table. */
  name: string;
  /** Bytes of a packet. */
  size?: number;
  /** Characters of the rule's prefix. */
  prefix?: number;
  /** Number of groups that packets are spread over. */
  groups?: number;
  /** Packets to a datagram, as the rule says. */
  threshold?: number;
  /** Lines of each `[[source]]`. */
  source?: string;
  /** One of so many packets of the others is sent. */
  share?: number;
  /** Packets a second; as many as one core can send if left out. */
  rate?: number;
  /** Number of sandboxes. */
  workers?: number;
  /** The filter's text. */
  filter?: string;
  /** An expression in place of the filter. */
  where?: string;
  /** TOML of the outputs. */
  outputs?: readonly (keyof typeof OUTPUTS)[];
}

const OUTPUTS = {
  pcap: '[output.pcap]\npath = "t.pcap"\n',
  pcapng: '[output.pcapng]\ntype = "pcap"\nformat = "pcapng"\npath = "t.pcapng"\n',
  nflog: '[output.nflog]\ntype = "pcap"\nlink_type = "nflog"\npath = "n.pcap"\n',
  logemu: '[output.logemu]\npath = "t.log"\n',
  json: '[output.json]\npath = "t.json"\n',
};

/** Returns a filter whose function has this body. */
const filter = (body: string, before = "") =>
  `import { cidr, type Filter, ports } from "nfscribe";\n${before}\n` +
  `void cidr, void ports;\nexport default ((packet) => { ${body} }) satisfies Filter;\n`;

const PORT_FILTER = filter(`return packet.destinationPort === ${PORT};`);

const SETUPS: readonly Setup[] = [
  { name: "100 bytes, port filter, one pcap file" },
  { name: "64 bytes", size: 64 },
  { name: "256 bytes", size: 256 },
  { name: "512 bytes", size: 512 },
  { name: "1,500 bytes", size: 1500 },
  { name: "a prefix of 30 characters", prefix: 30 },
  { name: "a prefix of 120 characters", prefix: 120 },
  { name: "an expression for the port", where: `udp dst port ${PORT}` },
  {
    name: "an expression of a line",
    where: `udp port ${PORT} and not src net 10.0.0.0/8 and (len > 50 or prefix "ssh*")`,
  },
  { name: "a filter that passes all", filter: filter("return true;") },
  {
    name: "a filter with cidr() and ports()",
    filter: filter(
      "return inside.source(packet) && web.destination(packet);",
      'const inside = cidr("10.0.0.0/8", "127.0.0.0/8", "2001:db8::/32"); const web = ports(9, 80);',
    ),
  },
  {
    name: "a filter that counts by address in a Map",
    filter: filter(
      "const key = packet.source!; seen.set(key, (seen.get(key) ?? 0) + 1); return true;",
      "const seen = new Map<string, number>();",
    ),
  },
  {
    name: "an async filter",
    filter: filter("return true;").replace("((packet)", "(async (packet)"),
  },
  {
    name: "a filter that drops all",
    filter: filter("return false;"),
  },
  { name: "pcap, link type nflog", outputs: ["nflog"] },
  { name: "pcapng", outputs: ["pcapng"] },
  { name: "LOGEMU", outputs: ["logemu"] },
  { name: "JSON", outputs: ["json"] },
  { name: "pcap and LOGEMU", outputs: ["pcap", "logemu"] },
  { name: "pcap, pcapng and LOGEMU", outputs: ["pcap", "pcapng", "logemu"] },
  { name: "2 groups", groups: 2 },
  { name: "8 groups", groups: 8 },
  { name: "a packet to a datagram, 200,000/s", threshold: 1, rate: 200_000 },
  {
    name: "65,000 bytes, 10,000/s, buffer of 64 MiB",
    size: 65_000,
    share: 20,
    rate: 10_000,
    source: "buffer_size = 67108864\n",
  },
  { name: "2 workers", workers: 2 },
  { name: "4 workers", workers: 4 },
];

/** Returns a rule that logs to the groups in turn. */
function rule({ prefix = 0, groups = 1, threshold }: Setup): string {
  const text = (prefix === 0 ? "" : `prefix "${"p".repeat(prefix)}"`) +
    (threshold === undefined ? "" : ` queue-threshold ${threshold}`);
  const log = Array.from(
    { length: groups },
    (_, index) =>
      groups === 1
        ? `log ${text} group ${GROUP}`
        : `numgen inc mod ${groups} ${index} log ${text} group ${GROUP + index}`,
  );
  // Each rule counts by itself, so that every packet matches one of them.
  return [`udp dport ${PORT} counter`, ...log.map((words) => `udp dport ${PORT} ${words}`)]
    .join("\n");
}

function config(
  { groups = 1, source = "", workers = 1, where, outputs = ["pcap"] }: Setup,
): string {
  const sources = Array.from(
    { length: groups },
    (_, index) => `[[source]]\ntype = "nflog"\ngroup = ${GROUP + index}\n${source}`,
  );
  const filter = where === undefined ? 'script = "filter.ts"' : `where = '${where}'`;
  return sources.join("") + `[filter]\n${filter}\nworkers = ${workers}\n` +
    outputs.map((name) => OUTPUTS[name]).join("") + '[log]\nformat = "json"\n';
}

/**
 * Measures the CPU time of a packet in each round, in microseconds, that of it in the kernel, and
 * the number lost in all rounds.
 */
async function cost(setup: Setup): Promise<{ cpu: number[]; kernel: number[]; lost: number }> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/filter.ts`, setup.filter ?? PORT_FILTER);
  await Deno.writeTextFile(`${path}/nfscribe.toml`, config(setup));
  await using _rules = await nft([["input", rule(setup)]]);
  await using running = await startNfscribeWith([FAST], "-c", `${path}/nfscribe.toml`);
  const packets = Math.ceil(PACKETS / (setup.share ?? 1));
  const load = {
    packets,
    size: setup.size ?? 100,
    rate: setup.rate ?? Infinity,
    generators: 1,
  };
  const emptying = setInterval(() => void empty(path), EMPTY_MS);
  const [cpu, kernel]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const meter = new CpuMeter(running.pid);
    await send(load);
    await settle(running.pid);
    const { total, system } = meter.read();
    if (round === 0) continue;
    cpu.push(total / packets);
    kernel.push(system / packets);
  }
  clearInterval(emptying);
  running.kill("SIGTERM");
  const { counters } = await running.ended();
  const lost = Object.values(counters.sources).reduce((sum, source) => sum + source.lost, 0);
  return { cpu, kernel, lost };
}

/** Frees the memory of written data, so that all rounds have the same. */
async function empty(folder: string): Promise<void> {
  for (const name of ["t.pcap", "t.pcapng", "n.pcap", "t.log"]) {
    const size = await Deno.stat(`${folder}/${name}`).then(({ size }) => size, () => 0);
    if (size < 4096) continue;
    await must(["fallocate", "--punch-hole", "--length", String(size), `${folder}/${name}`])
      .catch(() => {});
  }
}

const heads = ["what is asked for", "CPU µs/packet", "least to most", "in the kernel", "lost"];
const row = (cells: readonly string[]) =>
  isMarkdown
    ? `| ${cells.join(" | ")} |`
    : cells.map((cell, index) => index === 0 ? cell.padEnd(42) : cell.padStart(14)).join(" ");

console.log(row(heads));
if (isMarkdown) console.log("| --- | --: | --: | --: | --: |");
for (const setup of SETUPS.filter(({ name }) => name.includes(ONLY))) {
  const { cpu, kernel, lost } = await cost(setup);
  const { least, median, most } = spread(cpu);
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  const ofKernel = spread(kernel).median.toFixed(2);
  console.log(row([setup.name, median.toFixed(2), range, ofKernel, String(lost)]));
}
