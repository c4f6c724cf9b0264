import { assertEquals } from "@std/assert";
import { HandoverClient } from "../../src/handover/client.ts";
import { prepareTakeover } from "../../src/handover/server.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { messages } from "../kernel/filters.ts";
import { type Running, startNfscribeWith } from "../kernel/nfscribe.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { Cluster, noCluster } from "./cluster.ts";
import { countRows, finish, rowsIn } from "./firewall_to_table.ts";

const missing = await noCluster();
const ignore = !HAS_NFT || missing !== undefined;
const needs = ` (needs nft, PostgreSQL${missing === undefined ? "" : `: ${missing}`})`;

async function configure(folder: string, group: number, cluster: Cluster, flushMs = 20) {
  const file = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n` +
      `[output.postgres]\nurl = "${cluster.url()}"\ncreate = true\nhostname = "gate"\n` +
      `spool = "spool"\nflush_ms = ${flushMs}\n[stats]\nsocket = "run.sock"\n[log]\nformat = "json"\n`,
  );
  return { file, net: `--allow-net=127.0.0.1:${cluster.port},unix:${folder}/run.sock` };
}

/** Returns how often a message was logged that begins with this. */
const times = ({ said }: Running, start: string) =>
  messages(said).filter((text) => text.startsWith(start)).length;

/** Sends 1000 packets, and waits until all rows are there. */
async function expectRows(cluster: Cluster, expected: number): Promise<void> {
  sendUdp(1000);
  await until("the rows are there", async () => await rowsIn(cluster) >= expected);
  assertEquals(await countRows(cluster), { rows: expected, twice: 0 });
}

Deno.test(`a reload that takes a change of the output back loses no row${needs}`, {
  ignore,
}, async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using _rules = await nft([["output", "udp dport 9 log group 960"]]);
  const { file, net } = await configure(folder.path, 960, cluster);
  await using nfscribe = await startNfscribeWith([net], "-c", file);
  await expectRows(cluster, 1000);
  for (const [round, flushMs] of [30, 20, 30, 20].entries()) {
    await configure(folder.path, 960, cluster, flushMs);
    nfscribe.kill("SIGHUP");
    await until("it is replaced", () => {
      if (times(nfscribe, "The configuration was not") > 0) throw new Error(nfscribe.said);
      return times(nfscribe, "The configuration was replaced") > round;
    });
    await expectRows(cluster, 1000 * (round + 2));
  }
  const { counters } = await finish(nfscribe);
  const { written, failed, spooled } = counters.outputs.postgres!;
  assertEquals([written, failed, spooled], [5000, 0, 0]);
});

Deno.test(`a process that takes over and ends leaves the output at work${needs}`, {
  ignore,
}, async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using _rules = await nft([["output", "udp dport 9 log group 961"]]);
  const { file, net } = await configure(folder.path, 961, cluster);
  await using nfscribe = await startNfscribeWith([net], "-c", file);
  await expectRows(cluster, 1000);
  {
    prepareTakeover();
    const client = await HandoverClient.request(`${folder.path}/run.sock`);
    // It has the sockets, the outputs are closed, and it ends without reading.
    await using _ = client!;
    using _sockets = await client!.receive(10_000);
  }
  await until("this one goes on", () => times(nfscribe, "The other process did not") === 1);
  await expectRows(cluster, 2000);
  assertEquals((await finish(nfscribe)).counters.outputs.postgres!.written, 2000);
});
