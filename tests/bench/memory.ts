/**
 * The most memory of nfscribe in a flood, for each output and the options that take some.
 *
 *     deno task bench:memory [PACKETS] [--only TEXT,…] [--nfscribe PATH] [--json]
 *
 * An installed nfscribe with a filter script takes UDP packets of 100 bytes as fast as one generator
 * core sends them, until the output has all of them; a centre takes those that wait in a stream.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { delay } from "@std/async/delay";
import { fromFileUrl } from "../../src/text/file_url.ts";
import { readCounters } from "../../src/daemon/telemetry/stats_client.ts";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { startProgram } from "../kernel/nfscribe.ts";
import { PORT } from "../kernel/traffic.ts";
import { must, ROOT, temporaryFolder } from "../system/process.ts";
import { NatsServer } from "../nats/server/nats_server.ts";
import { filePagesOf, memoryOf, ownPeaksOf, peaksOf } from "./cpu.ts";
import { send, settle } from "./measure.ts";
import { FORGOTTEN, type Setup, SETUPS } from "./memory_setups.ts";
import { emptyFiles } from "./records.ts";

/** Goal, in MB. */
const MOST = 110;
const GROUP = 702;
const SIZE = 100;
/** Interval of looks at the memory, in milliseconds. */
const LOOK_MS = 100;
/** Interval of removing written data from files, in milliseconds. */
const EMPTY_MS = 500;
/** Time without a packet written after which it counts as finished, in milliseconds. */
const QUIET_MS = 10_000;
/** Time limit of an answer, in milliseconds. */
const ANSWER_MS = 60_000;

const FILTER = fromFileUrl(new URL("filter.ts", import.meta.url).href);

/** Result of a setup. */
interface Figures {
  name: string;
  /** Packets that were logged, or waited in the stream, and are not written. */
  lost: number;
  /** Packets a second, from the first packet to the last one written. */
  rate: number;
  /** The most memory that was seen of both processes at once, in MB (`Pss`). */
  seen: number;
  /** The most memory of the privileged process and of each sandbox, in MB (`VmHWM`). */
  peaks: number[];
  /** The same without pages of files, which are Deno's. */
  own: number[];
}

/** Measures a setup. */
async function measure(setup: Setup, nfscribe: string, packets: number): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using stack = new AsyncDisposableStack();
  const { path } = folder;
  const lines = await setup.place(path, stack);
  const stream = setup.isCentre === true ? await filledStream(path, stack, nfscribe, packets) : "";
  const source = stream === ""
    ? `type = "nflog"\ngroup = ${GROUP}\ncopy_range = ${SIZE}`
    : `type = "nats"\n${stream}`;
  const files = setInterval(() => void emptyFiles(path, /\.out/).catch(() => {}), EMPTY_MS);
  stack.defer(() => clearInterval(files));
  const output = `[output.one]\ntype = "${setup.type}"\n${lines}`;
  const figures = await run(nfscribe, path, source, output, stream === "" ? packets : 0, packets);
  return { name: setup.name, ...figures };
}

/** Sends packets into a stream, and returns the lines of a source that reads it. */
async function filledStream(
  folder: string,
  stack: AsyncDisposableStack,
  nfscribe: string,
  packets: number,
): Promise<string> {
  const { url } = stack.use(await NatsServer.start());
  const lines = `url = "${url}"\ncreate = true`;
  const path = `${folder}/sender`;
  await Deno.mkdir(path);
  const source = `type = "nflog"\ngroup = ${GROUP}\ncopy_range = ${SIZE}`;
  const output = `[output.one]\ntype = "nats"\nspool = "${path}/spool"\n${lines}`;
  const { lost } = await run(nfscribe, path, source, output, packets, packets);
  if (lost !== 0) throw new Error(`The stream lacks ${lost} packets`);
  return lines;
}

/** Runs nfscribe until its output has all packets, of which so many are sent. */
async function run(
  nfscribe: string,
  folder: string,
  source: string,
  output: string,
  sent: number,
  expected: number,
): Promise<Omit<Figures, "name">> {
  const config = `${folder}/nfscribe.toml`;
  const socket = `${folder}/stats.sock`;
  await Deno.writeTextFile(
    config,
    `[[source]]\n${source}\n[filter]\nscript = "${FILTER}"\n${output}\n` +
      `[stats]\nsocket = "${socket}"\n[log]\nformat = "json"\n`,
  );
  await using rules = await nft([["input", `udp dport ${PORT} counter log group ${GROUP} drop`]]);
  await using running = await startProgram(nfscribe, "run", "-c", config);
  let seen = 0;
  let files: number[] = [];
  const look = setInterval(() => {
    seen = Math.max(seen, memoryOf(running.pid));
    files = filePagesOf(running.pid).map((now, index) => Math.max(now, files[index] ?? 0));
  }, LOOK_MS);
  const begin = performance.now();
  if (sent > 0) await send({ packets: sent, size: SIZE, rate: Infinity, generators: 1 });
  const floodedMs = performance.now();
  let [written, lastMs] = [0, begin];
  for (let isDone = false; !isDone;) {
    await delay(LOOK_MS);
    const { outputs } = await readCounters(socket, ANSWER_MS);
    if (outputs.one!.written > written) lastMs = performance.now();
    written = outputs.one!.written;
    // With `sync = false`, the end stays in memory.
    isDone = written >= expected || performance.now() - Math.max(lastMs, floodedMs) > QUIET_MS;
  }
  await settle(running.pid);
  clearInterval(look);
  const [peaks, own] = [peaksOf(running.pid), ownPeaksOf(running.pid, files)];
  const logged = sent > 0 ? await rules.count() : expected;
  running.kill("SIGTERM");
  const { counters } = await running.ended();
  const lost = logged - counters.outputs.one!.written;
  return { lost, rate: written / (lastMs - begin) * 1000, seen, peaks, own };
}

function line({ name, lost, rate, seen, peaks, own }: Figures): string {
  const most = sum(own);
  return [
    name.padEnd(34),
    most.toFixed(0).padStart(5),
    own.map((peak) => peak.toFixed(0)).join(" + ").padStart(10),
    sum(peaks).toFixed(0).padStart(6),
    seen.toFixed(0).padStart(6),
    `${Math.round(rate / 1000)},000`.padStart(10),
    String(lost).padStart(9),
    most <= MOST ? "" : `  more than ${MOST}`,
  ].join(" ").trimEnd();
}

function sum(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { string: ["only", "nfscribe", "_"], boolean: ["json"] });
  const packets = Number(options._[0] ?? 10_000_000);
  const wanted = String(options.only ?? "").split(",");
  if (!HAS_NFT) {
    console.error("Cannot measure: needs nft, and the right to use it");
    Deno.exit(1);
  }
  await using folder = await temporaryFolder();
  const nfscribe = String(options.nfscribe ?? `${folder.path}/root/usr/local/bin/nfscribe`);
  if (options.nfscribe === undefined) {
    await must([`${ROOT}scripts/install`, "--root", `${folder.path}/root`]);
  }
  if (!options.json) {
    console.log(`${packets} packets of ${SIZE} bytes; MB`);
    console.log(`${"".padEnd(34)}  most    of each  alone   seen  packets/s      lost`);
  }
  for (const setup of SETUPS.filter(({ name }) => wanted.some((text) => name.includes(text)))) {
    const missing = await setup.missing?.();
    if (missing !== undefined) {
      console.error(`${setup.name} is skipped: ${missing}`);
      continue;
    }
    const figures = await measure(setup, nfscribe, packets);
    console.log(options.json ? JSON.stringify(figures) : line(figures));
  }
  if (FORGOTTEN.length > 0) console.error(`Not measured: ${FORGOTTEN.join(", ")}`);
}
