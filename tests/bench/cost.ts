/**
 * Measures the cost of a packet by size, prefix, filter and outputs. One thing is changed at a time.
 *
 *     deno task bench:cost [--markdown] [--only=TEXT] [PACKETS]
 *
 * @module
 */

import { must, temporaryFolder } from "../system/process.ts";
import { PORT } from "../kernel/traffic.ts";
import { spread } from "./summary.ts";
import { type Cost, type Setup, UnderLoad } from "./under_load.ts";

const isMarkdown = Deno.args.includes("--markdown");
/** Part of the names of the lines to measure. */
const ONLY = Deno.args.find((argument) => argument.startsWith("--only="))?.slice(7) ?? "";
const PACKETS = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 500_000);
const ROUNDS = 3;
const GROUP = 700;

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

/** Setups, by the name of the change. */
const SETUPS: readonly (Partial<Setup> & { name: string })[] = [
  { name: "100 bytes, port filter, one pcap file" },
  { name: "64 bytes", size: 64 },
  { name: "256 bytes", size: 256 },
  { name: "512 bytes", size: 512 },
  { name: "1,500 bytes", size: 1500 },
  { name: "a prefix of 30 characters", prefixes: ["p".repeat(30)] },
  { name: "a prefix of 120 characters", prefixes: ["p".repeat(120)] },
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
  { name: "pcap, link type nflog", outputs: OUTPUTS.nflog },
  { name: "pcapng", outputs: OUTPUTS.pcapng },
  { name: "LOGEMU", outputs: OUTPUTS.logemu },
  { name: "JSON", outputs: OUTPUTS.json },
  { name: "pcap and LOGEMU", outputs: OUTPUTS.pcap + OUTPUTS.logemu },
  { name: "pcap, pcapng and LOGEMU", outputs: OUTPUTS.pcap + OUTPUTS.pcapng + OUTPUTS.logemu },
  { name: "a packet to a datagram, 200,000/s", threshold: 1, rate: 200_000 },
  {
    name: "65,000 bytes, 10,000/s, buffer of 64 MiB",
    size: 65_000,
    share: 20,
    rate: 10_000,
    source: "buffer_size = 67108864\n",
  },
];

/** Measures the cost of a packet in each round, and counts the packets lost in all of them. */
async function measured(setup: Partial<Setup>): Promise<{ costs: Cost[]; lost: number }> {
  await using folder = await temporaryFolder();
  await must(["mount", "-t", "tmpfs", "none", folder.path]);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => void await must(["umount", "--lazy", folder.path]));
  const filter = setup.where === undefined ? { filter: PORT_FILTER } : {};
  const all = { group: GROUP, outputs: OUTPUTS.pcap, ...filter, ...setup };
  const running = stack.use(await UnderLoad.start(all, `${folder.path}/nfscribe`));
  const costs: Cost[] = [];
  for (let round = 0; round <= ROUNDS; round++) costs.push(await running.round(PACKETS));
  return { costs: costs.slice(1), lost: await running.stop() };
}

const heads = ["what is asked for", "CPU µs/packet", "least to most", "in the kernel", "lost"];
const row = (cells: readonly string[]) =>
  isMarkdown
    ? `| ${cells.join(" | ")} |`
    : cells.map((cell, index) => index === 0 ? cell.padEnd(42) : cell.padStart(14)).join(" ");

console.log(row(heads));
if (isMarkdown) console.log("| --- | --: | --: | --: | --: |");
for (const { name, ...setup } of SETUPS.filter(({ name }) => name.includes(ONLY))) {
  const { costs, lost } = await measured(setup);
  const { least, median, most } = spread(costs.map(({ total }) => total));
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  const ofKernel = spread(costs.map(({ kernel }) => kernel)).median.toFixed(2);
  console.log(row([name, median.toFixed(2), range, ofKernel, String(lost)]));
}
