/**
 * Sends many packets through all outputs at once: checks that the counters are exact, and that
 * memory stays flat. Draws the memory in docs/soak.svg.
 *
 *     deno task soak [PACKETS]
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { nft } from "../kernel/firewall.ts";
import { startNfscribeWith } from "../kernel/nfscribe.ts";
import { flood } from "../kernel/traffic.ts";
import { Cluster } from "../postgres/cluster.ts";
import { countRows } from "../postgres/firewall_to_table.ts";
import { temporaryFolder, until } from "../system/process.ts";

const PACKETS = Number(Deno.args[0] ?? 10_000_000);
/** Packets that are sent without a pause: the disk for their rows is small. */
const PART = 250_000;
const GROUP = 1;
const FILTER = fromFileUrl(new URL("filter.ts", import.meta.url).href);

await using cluster = await Cluster.start();
await using folder = await temporaryFolder();
await using rules = await nft([["output", `udp dport 9 counter log group ${GROUP}`]]);
const file = `${folder.path}/nfscribe.toml`;
await Deno.writeTextFile(
  file,
  `[[source]]
type = "nflog"
group = ${GROUP}
copy_range = 100
buffer_size = 67108864
[filter]
script = "${FILTER}"
[output.pcap]
path = "t.pcap"
rotate_size = 268435456
rotate_keep = 1
[output.pcapng]
type = "pcap"
format = "pcapng"
link_type = "nflog"
path = "t.pcapng"
rotate_size = 268435456
rotate_keep = 1
[output.logemu]
path = "t.log"
hostname = "gate"
rotate_size = 268435456
rotate_keep = 1
[output.postgres]
url = "${cluster.url()}"
create = true
hostname = "gate"
spool = "spool"
[log]
format = "json"
`,
);
await using nfscribe = await startNfscribeWith(["--allow-net=127.0.0.1"], "-c", file);

const samples: { packets: number; megabytes: number }[] = [];
for (let sent = 0; sent < PACKETS;) {
  const part = Math.min(PART, PACKETS - sent);
  await flood(part);
  sent += part;
  await until("the rows are there", async () => {
    const { rows } = await countRows(cluster);
    return rows >= part * 0.9;
  }, 120_000).catch(() => {});
  await cluster.sql("TRUNCATE packets");
  samples.push({ packets: sent, megabytes: residentOf(nfscribe.pid) });
  console.log(`${sent} packets, ${samples.at(-1)!.megabytes.toFixed(0)} MB`);
}
nfscribe.kill("SIGTERM");
const { code, counters, stderr } = await nfscribe.ended();
await Deno.writeTextFile(new URL("../../docs/soak.svg", import.meta.url), plot(samples));
report(counters, await rules.count());
if (code !== 0) console.log(stderr);

function report(counters: Counters, logged: number): void {
  const { received, lost } = counters.sources[`nflog:${GROUP}`]!;
  console.log(`logged by the rule ${logged}, received ${received}, lost ${lost}`);
  for (const [name, { written, failed, dropped }] of Object.entries(counters.outputs)) {
    console.log(`${name}: written ${written}, failed ${failed}, dropped ${dropped}`);
  }
  const wrong = imbalance(counters);
  if (received + lost !== logged) wrong.push(`${received} + ${lost} is not ${logged}`);
  console.log(wrong.length === 0 ? "The counters are exact." : wrong.join("\n"));
}

/** Returns the memory of a process, in MB. */
function residentOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readProcFile(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kilobytes) * 1024 / 1e6;
}

/** Draws the samples. */
function plot(points: readonly { packets: number; megabytes: number }[]): string {
  const [width, height, left, bottom] = [640, 240, 50, 40];
  const most = 50 * Math.ceil(Math.max(...points.map(({ megabytes }) => megabytes)) / 50 + 1);
  const x = (packets: number) => left + packets / PACKETS * (width - left - 10);
  const y = (megabytes: number) => height - bottom - megabytes / most * (height - bottom - 10);
  const line = points.map(({ packets, megabytes }) =>
    `${x(packets).toFixed(1)},${y(megabytes).toFixed(1)}`
  ).join(" ");
  const marks = [];
  for (let megabytes = 0; megabytes <= most; megabytes += 50) {
    const at = y(megabytes).toFixed(1);
    marks.push(
      `<line x1="${left}" x2="${width - 10}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
        `<text x="${
          left - 6
        }" y="${at}" text-anchor="end" dominant-baseline="middle">${megabytes}</text>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `font-family="sans-serif" font-size="12">
<title>Memory of nfscribe with four outputs, over ${PACKETS} packets</title>
<rect width="${width}" height="${height}" fill="white"/>
${marks.join("\n")}
<polyline points="${line}" fill="none" stroke="#06c" stroke-width="2"/>
<text x="${left}" y="${height - 22}">0</text>
<text x="${width - 10}" y="${height - 22}" text-anchor="end">${PACKETS / 1e6} million packets</text>
<text x="${width / 2}" y="${
      height - 6
    }" text-anchor="middle">resident memory in MB: pcap, pcapng, LOGEMU and Postgres at once</text>
</svg>
`;
}
