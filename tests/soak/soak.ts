/**
 * The soak: packets at a rate through nine outputs, while once in each round the configuration
 * changes forth and back, another process takes over, the database's server restarts, the clock jumps, and files
 * are rotated.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { nft } from "../kernel/firewall.ts";
import { sendUdp, startFlood } from "../kernel/traffic.ts";
import { Cluster } from "../postgres/cluster.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { HAS_GCC, SettableClock } from "./clock.ts";
import { GROUP, type Places, writeConfiguration } from "./configuration.ts";
import { SoakedDaemon } from "./daemon.ts";
import { FileCounts } from "./files.ts";
import { LineReceiver } from "./receiver.ts";
import { resourcesOf, type Sample } from "./resources.ts";
import { RowCounts } from "./rows.ts";

/** Time until rows that wait must have been sent at the end, in milliseconds. */
const DRAIN_MS = 300_000;
const DAY = 86_400;
/** Jumps of the clock in seconds, one a round. */
const JUMPS = [40 * DAY, -3600, 7, -7, 400 * DAY, -40 * DAY];

/** Disturbances, in the order of a round. */
export const EVENTS = ["reload", "takeover", "restart", "clock"] as const;
/** A disturbance. */
export type EventName = typeof EVENTS[number];

/** Options of a soak. */
export interface SoakOptions {
  /** Number of rounds. */
  rounds: number;
  /** Length of a round, in seconds. */
  roundSeconds: number;
  /** Packets a second. */
  rate: number;
  /** Ends it early, with a report of what there was until then. */
  signal: AbortSignal;
  /** Disturbances to leave out. */
  without?: ReadonlySet<string>;
  /** Called with progress. */
  onProgress?: (text: string) => void;
}

/** Result of a soak. */
export interface SoakReport {
  /** Packets that the kernel logged. */
  logged: number;
  /** Sum of the counters of all processes. */
  counters: Counters;
  /** Packets that arrived, by output: records in files, rows, and messages. */
  arrived: Record<string, number>;
  /** Number of files that were rotated. */
  rotated: number;
  /** Number of disturbances. */
  events: Record<EventName, number>;
  /** Resources over time. */
  samples: Sample[];
  /** Deviations, a line each. */
  wrong: string[];
}

/** Runs a soak in this network namespace. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { rounds, roundSeconds, rate, signal, without = new Set(), onProgress = () => {} } =
    options;
  await using cluster = await Cluster.start({ settings: ["fsync = off", "max_wal_size = 4GB"] });
  await using folder = await temporaryFolder();
  using receiver = new LineReceiver();
  const places: Places = {
    folder: folder.path,
    files: `${folder.path}/files`,
    database: cluster.url(),
    syslogPort: receiver.port,
  };
  await Deno.mkdir(places.files);
  await writeConfiguration(places, 0, roundSeconds);
  const clock = HAS_GCC && !without.has("clock")
    ? await SettableClock.make(folder.path)
    : undefined;
  await using rules = await nft([["input", `udp dport 9 counter log group ${GROUP} drop`]]);
  await using daemon = new SoakedDaemon(folder.path, clock?.environment ?? {}, onProgress);
  await daemon.start();
  const [files, rows] = [new FileCounts(places.files), new RowCounts(cluster)];
  const events = { reload: 0, takeover: 0, restart: 0, clock: 0 };
  const act: Record<EventName, () => Promise<void>> = {
    async reload() {
      // There, back and there again: what is closed and opened has been open before.
      for (const change of [events.reload + 1, events.reload, events.reload + 1]) {
        await writeConfiguration(places, change, roundSeconds);
        daemon.reload();
        await delay(roundSeconds * 50);
      }
    },
    takeover: () => daemon.start(),
    async restart() {
      await cluster.stop(events.restart % 2 === 0 ? "fast" : "immediate");
      await delay(roundSeconds * 50);
      await cluster.restart();
    },
    async clock() {
      await clock!.set(JUMPS[events.clock % JUMPS.length]!);
      await delay(roundSeconds * 100);
      await clock!.set(0);
    },
  };

  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const samples: Sample[] = [];
  let isOver = false;
  const sampling = (async () => {
    while (!isOver) {
      await delay(1000);
      samples.push({ seconds: seconds(), ...resourcesOf(daemon.pid), ...await answer(daemon) });
    }
  })();
  const load = startFlood(72, 9, rate);
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    for (const [index, name] of EVENTS.entries()) {
      // Rows and files are counted between two events: a server that stops would cut the count off.
      const dueSeconds = roundSeconds * (round + (index + 0.5) / EVENTS.length);
      await collectUntil(dueSeconds);
      const isAbsent = name === "clock" && clock === undefined;
      if (without.has(name) || isAbsent || signal.aborted) continue;
      await act[name]();
      events[name]++;
    }
    await collectUntil(roundSeconds * (round + 1));
    onProgress(progress(round + 1, daemon, samples, rows.rows));
  }
  await load.stop();
  // It shows what is missing before it.
  await delay(1000);
  sendUdp(1);
  await until("no row waits any more", async () => {
    const { outputs } = await daemon.counters();
    return outputs.postgres!.spooled === 0;
  }, DRAIN_MS);
  isOver = true;
  await sampling;
  await daemon.stop();
  await rows.collect();
  await files.finish();
  const { counters, recovered, wrong } = daemon.total;
  const arrived = { ...files.packets, syslog: receiver.lines, postgres: rows.rows };
  const logged = await rules.count();
  const report = { logged, counters, arrived, rotated: files.rotated, events, samples };
  return { ...report, wrong: [...wrong, ...deviations(report, recovered, rows.twice)] };

  async function collectUntil(dueSeconds: number): Promise<void> {
    do {
      await files.collect();
      await rows.collect();
      await delay(Math.max(0, Math.min(2000, (dueSeconds - seconds()) * 1000)));
    } while (seconds() < dueSeconds && !signal.aborted);
  }
}

/** Measures how long the counters' socket takes to answer. */
async function answer(daemon: SoakedDaemon): Promise<Pick<Sample, "answerMs">> {
  const start = performance.now();
  try {
    await daemon.counters();
    return { answerMs: performance.now() - start };
  } catch {
    // A process that takes over has no socket yet.
    return { answerMs: undefined };
  }
}

/** Compares all counts. */
function deviations(
  { logged, counters, arrived }: Pick<SoakReport, "logged" | "counters" | "arrived">,
  recovered: number,
  twice: number,
): string[] {
  const wrong: string[] = [];
  const { received, lost } = counters.sources[`nflog:${GROUP}`]!;
  if (received + lost !== logged) {
    wrong.push(`received ${received} + lost ${lost} is not ${logged}`);
  }
  for (const [name, count] of Object.entries(arrived)) {
    const { written } = counters.outputs[name]!;
    const expected = name === "postgres" ? written + recovered : written;
    if (count !== expected) wrong.push(`${name}: ${count} arrived, ${expected} were written`);
  }
  if (twice !== 0) wrong.push(`postgres: ${twice} rows arrived twice`);
  return wrong;
}

function progress(round: number, daemon: SoakedDaemon, samples: Sample[], rows: number): string {
  const last = samples.at(-1);
  return `round ${round}: ${rows} rows, ${last?.memory.toFixed(0)} MB, ` +
    `${last?.descriptors} descriptors, process ${daemon.pid}`;
}
