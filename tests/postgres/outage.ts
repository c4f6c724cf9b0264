/**
 * Stops the database for a while during a flow of packets: measures nfscribe's memory, and checks
 * that all rows arrive afterwards.
 *
 *     scripts/in_namespace deno run <flags> tests/postgres/outage.ts [SECONDS [PACKETS_PER_SECOND]]
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { nft } from "../kernel/firewall.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { must, temporaryFolder, until } from "../system/process.ts";
import { Cluster } from "./cluster.ts";
import { countRows, finish, startTask } from "./firewall_to_table.ts";

/** Interval of sending, in milliseconds. */
const STEP_MS = 50;

/** Results of an outage. */
export interface Outage {
  /** Packets that the rule logged. */
  logged: number;
  /** Packets that the kernel dropped, by gaps in their sequence numbers. */
  lost: number;
  /** Rows in the table, and the number of duplicates. */
  rows: number;
  twice: number;
  /** Peak memory of nfscribe, in MiB (`VmHWM`, proc(5)). */
  memoryMb: number;
  /** Time that it took to send the waiting rows, in seconds. */
  recoverySeconds: number;
}

/**
 * Stops the server for a while.
 *
 * @param seconds Duration.
 * @param rate Packets per second.
 * @param group The group.
 */
export async function outage(seconds: number, rate: number, group: number): Promise<Outage> {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  await using rules = await nft([["output", `udp dport 9 counter log group ${group}`]]);
  await using nfscribe = await startTask({ group, folder: folder.path, cluster });
  await send(1, rate);
  await cluster.stop("immediate");
  await send(seconds, rate);
  const start = performance.now();
  await cluster.restart();
  await send(1, rate);
  const logged = await rules.count();
  const arrived = async () => Number(await cluster.sql("SELECT sum(rows) FROM nfscribe_spools"));
  await until("all rows are there", async () => await arrived() >= logged, 120_000);
  const recoverySeconds = (performance.now() - start) / 1000;
  const status = await must(["cat", `/proc/${nfscribe.pid}/status`]);
  const memoryMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024);
  const { counters } = await finish(nfscribe);
  const { lost } = counters.sources[`nflog:${group}`]!;
  return { logged, lost, ...await countRows(cluster), memoryMb, recoverySeconds };
}

/** Sends packets at a constant rate. */
async function send(seconds: number, rate: number): Promise<void> {
  const start = performance.now();
  for (let step = 1; step <= seconds * 1000 / STEP_MS; step++) {
    sendUdp(rate * STEP_MS / 1000);
    const rest = start + step * STEP_MS - performance.now();
    if (rest > 0) await delay(rest);
  }
}

if (import.meta.main) {
  const [seconds = "60", rate = "50000"] = Deno.args;
  console.log(await outage(Number(seconds), Number(rate), 960));
}
