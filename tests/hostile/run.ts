/**
 * Runs a hostile filter in `nfscribe run` while packets arrive, and checks that it got nothing:
 * every packet is written, the counters add up, nfscribe keeps running, memory and log stay small,
 * no canary was accessed.
 *
 * @module
 */

import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { environmentVariable } from "../../ffi/environment.ts";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { countRecords } from "../kernel/nfscribe.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { type Canaries, setUpCanaries } from "./canaries.ts";
import { type MemoryPeak, MemoryWatch } from "./memory.ts";

/** Memory limit of nfscribe and its sandbox together, in MiB. */
const MEMORY_MAX = 700;
/** Limit of the log, in bytes. */
const LOG_MAX = 300_000;
/** Duration of the packets, unless a filter logs "done" before, in milliseconds. */
const FLOW_MS = 1500;
/** Packets of a burst, and interval of bursts in milliseconds. */
const BURST = { packets: 25, everyMs: 20 };
/** Time limit of nfscribe's stop, in milliseconds. */
const END_MS = 20_000;
/** First UDP port that is logged; each run has its own. */
const FIRST_PORT = 20_000;

/** Hostile filter, and options of its run. */
export interface HostileCase {
  /** Short sentence about the attempt. */
  title: string;
  /** Files of its folder; `filter.js` or another one is the script. */
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;
  /** Name of the script. */
  script: string;
  /** Part of the message that refuses it; absent if it must run. */
  refused?: string;
  /** Whether it may be refused or run. */
  either?: boolean;
  /** Whether it must log "done" after all attempts. */
  mustEnd?: boolean;
  /** Lines of `[filter]`. */
  config?: string;
  /** Further permission flags of nfscribe. */
  rights?: readonly string[];
  /** Duration of the packets at the most, in milliseconds. */
  flowMs?: number;
  /** Whether packets are sent until {@linkcode act} is done. */
  endsWithAct?: boolean;
  /** Whether packets may be missing in the pcap file: the filter drops some by its verdict. */
  drops?: boolean;
  /** Whether the sandbox itself forges its results: counters are not checked then. */
  forges?: boolean;
  /** Harmless messages with the word GOT. */
  harmless?: RegExp;
  /** Creates links, pipes and other special files in the filter's folder. */
  prepare?(folder: string): Promise<unknown>;
  /** Acts once nfscribe runs. */
  act?(run: HostileRun): Promise<unknown>;
}

/** Run in progress. */
export interface HostileRun {
  /** Process id of nfscribe. */
  pid: number;
  /** Folder of the filter. */
  folder: string;
  /** Log so far. */
  readonly log: string;
  /** Sends a signal to nfscribe. */
  kill(signal: Deno.Signal): void;
}

/** Figures of a run that has ended. */
export interface HostileResult {
  /** Packets that the rule logged. */
  logged: number;
  /** Size of the log, in bytes. */
  logSize: number;
  log: string;
  /** Peak of memory. */
  memory: MemoryPeak;
  /** Counters; undefined if the filter was refused. */
  counters: Counters | undefined;
}

/**
 * Runs a case and checks the result.
 *
 * @param hostile The case.
 * @param group Group of its own.
 */
export async function runHostile(hostile: HostileCase, group: number): Promise<HostileResult> {
  await using top = await temporaryFolder();
  const { path } = top;
  await Deno.chmod(path, 0o755);
  await using canaries = await setUpCanaries(path);
  const folder = `${path}/case/filter`;
  await layOut(hostile, folder, canaries);
  const port = FIRST_PORT + group;
  await Deno.writeTextFile(`${path}/nfscribe.toml`, configOf(hostile, group));
  await using rule = await logPort(port, group);
  await using nfscribe = start(hostile.rights ?? [], `${path}/nfscribe.toml`, canaries);
  let memory: MemoryPeak;
  let logged = 0;
  {
    using watch = new MemoryWatch(nfscribe.pid);
    memory = watch.peak;
    if (await nfscribe.hasStarted) {
      const run = {
        pid: nfscribe.pid,
        folder,
        get log() {
          return nfscribe.log;
        },
        kill: nfscribe.kill,
      };
      const acting = { isDone: false };
      const act = async () => {
        await hostile.act?.(run);
        acting.isDone = hostile.endsWithAct === true;
      };
      await Promise.all([flow(port, nfscribe, hostile.flowMs ?? FLOW_MS, acting), act()]);
      logged = await rule.count();
      if (hostile.drops !== true && hostile.forges !== true) {
        await assertContinues(path, logged, nfscribe);
      }
      nfscribe.kill("SIGTERM");
    }
    await nfscribe.ended();
  }
  const result = { logged, logSize: nfscribe.log.length, log: nfscribe.log, memory };
  const counters = await checked(hostile, nfscribe, canaries, path, logged, group);
  assertLess(memory.together, MEMORY_MAX, "MiB of nfscribe and its sandbox");
  return { ...result, counters };
}

/** Prints the figures of a run if `HOSTILE_FIGURES` is set. */
export function printFigures({ title }: HostileCase, result: HostileResult): void {
  if (environmentVariable("HOSTILE_FIGURES") === undefined) return;
  const { memory: { together, child }, logSize, logged } = result;
  console.log(
    `FIGURES ${title}: ${together.toFixed()} MiB, child ${child.toFixed()} MiB, log ${logSize}, ` +
      `packets ${logged}`,
  );
}

/** Copies the case's files to the filter's folder, with the canaries' names in them. */
async function layOut(hostile: HostileCase, folder: string, canaries: Canaries): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/../secret.txt`, canaries.secret);
  const values: Record<string, string> = {
    secret: canaries.path,
    port: String(canaries.port),
    pid: String(canaries.pid),
    root: ROOT,
  };
  for (const [name, content] of Object.entries(hostile.files)) {
    const file = `${folder}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (typeof content !== "string") await Deno.writeFile(file, content);
    else {
      await Deno.writeTextFile(
        file,
        content.replaceAll(/\{\{(\w+)\}\}/g, (whole, name) => values[name] ?? whole),
      );
    }
  }
  await hostile.prepare?.(folder);
}

function configOf({ script, config = "" }: HostileCase, group: number): string {
  return `stop_timeout_ms = 3000\n[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n` +
    `[filter]\nscript = "case/filter/${script}"\n` +
    (config.includes("timeout_ms") ? "" : "timeout_ms = 500\n") +
    (config.includes("memory_mb") ? "" : "memory_mb = 64\n") +
    `${config}\n[output.pcap]\npath = "t.pcap"\n` +
    `[output.logemu]\npath = "t.log"\nhostname = "gate"\n[log]\nformat = "json"\n`;
}

/** Sends bursts until the time is over or the filter logs "done", and one more. */
async function flow(
  port: number,
  nfscribe: Started,
  flowMs: number,
  acting: { readonly isDone: boolean },
): Promise<void> {
  const endMs = performance.now() + flowMs;
  while (performance.now() < endMs && !nfscribe.hasEnded && !acting.isDone) {
    sendUdp(BURST.packets, 72, port);
    await new Promise((resolve) => setTimeout(resolve, BURST.everyMs));
    if (nfscribe.log.includes('"filter: done')) break;
  }
  sendUdp(BURST.packets, 72, port);
}

/** Waits until every logged packet is in the file: nfscribe continues. */
async function assertContinues(path: string, logged: number, nfscribe: Started): Promise<void> {
  const size = async () => {
    if (nfscribe.hasEnded) throw new Error(`nfscribe has ended: ${nfscribe.log.slice(-2000)}`);
    return (await Deno.stat(`${path}/t.pcap`)).size;
  };
  // File header of 24 bytes, record header of 16, headers of 28, data of 72.
  const expected = 24 + logged * 116;
  await until(
    `all ${logged} packets are in the file`,
    async () => await size() >= expected,
  ).catch(async (error) => {
    const records = ((await size()) - 24) / 116;
    throw new Error(`${error.message}: ${records} are; log: ${nfscribe.log.slice(-3000)}`);
  });
}

/** Checks a run that has ended; returns its counters. */
async function checked(
  hostile: HostileCase,
  nfscribe: Started,
  canaries: Canaries,
  path: string,
  logged: number,
  group: number,
): Promise<Counters | undefined> {
  const { log, stdout } = nfscribe;
  const ended = `exit status ${nfscribe.code}: ${log.slice(0, 3000)}`;
  assertLess(log.length, LOG_MAX, "bytes of the log");
  assertEquals(await canaries.touched(), []);
  assert(!log.includes(canaries.secret), `the secret is in the log: ${log.slice(0, 2000)}`);
  assertEquals(stdout, "");
  assertEquals(unprintable(log), "", "characters that steer a terminal");
  const { refused } = hostile;
  const isRefused = nfscribe.code === 2;
  if (refused !== undefined) {
    assert(isRefused, `It is not refused: ${ended}`);
    assertStringIncludes(log, refused);
  }
  if (isRefused && (refused !== undefined || hostile.either)) {
    assertStringIncludes(log, "case/filter/");
    return undefined;
  }
  // Status 3 means lost packets, which a sandbox can claim.
  assert(nfscribe.code === 0 || hostile.forges === true && nfscribe.code === 3, ended);
  const records = recordsOf(log);
  const got = records.filter(({ message }) =>
    /^filter: .*GOT/.test(message) && hostile.harmless?.test(message) !== true
  );
  assertEquals(got.map(({ message }) => message), []);
  if (hostile.mustEnd) {
    assert(records.some(({ message }) => message.startsWith("filter: done")), ended);
  }
  const stopped = records.filter(({ message }) => message === "stopped");
  assertEquals(stopped.length, 1, "records of the end");
  const counters = stopped[0]!.counters as Counters;
  if (hostile.forges) return counters;
  const { received, lost } = counters.sources[`nflog:${group}`]!;
  assertEquals(received + lost, logged, "received + lost = logged");
  assertEquals(lost, 0, "lost");
  assertEquals(imbalance(counters), []);
  const { written } = counters.outputs.pcap!;
  assertEquals(await countRecords(`${path}/t.pcap`), written, "records of the pcap file");
  if (hostile.drops !== true) assertEquals(written, logged, "written to the pcap file");
  await checkText(`${path}/t.log`, canaries);
  return counters;
}

/** Checks that the text output consists of lines in its own format. */
async function checkText(file: string, { secret }: Canaries): Promise<void> {
  const text = await Deno.readTextFile(file);
  assert(!text.includes(secret), "the secret is in the text output");
  assertEquals(unprintable(text), "", "characters that steer a terminal");
  const strange = text.split("\n").slice(0, -1)
    .filter((line) => !/^\w{3} [ \d]\d \d\d:\d\d:\d\d gate /.test(line));
  assertEquals(strange.slice(0, 3), [], "lines of another form");
}

/** Names the characters in a text that control a terminal, except for newlines. */
function unprintable(text: string): string {
  const found = new Set(text.match(/[^\n\P{Cc}]|[\p{Bidi_Control}\u2028\u2029]/gu));
  return [...found].map((character) => `U+${character.codePointAt(0)!.toString(16)}`).join(" ");
}

type LogRecord = { message: string; counters?: unknown };

/** Fields of nfscribe's own records. */
const KEYS = ["time", "level", "message"];

/** Parses the log: every line is a record in nfscribe's format. */
function recordsOf(log: string): LogRecord[] {
  return log.trimEnd().split("\n").map((line) => {
    let record: LogRecord & Record<string, unknown>;
    try {
      record = JSON.parse(line);
    } catch {
      throw new Error(`A line of the log is no record: ${line.slice(0, 500)}`);
    }
    for (const key of KEYS) {
      assertEquals(typeof record[key], "string", `${key} of ${line.slice(0, 500)}`);
    }
    assertEquals(Object.keys(record).slice(0, 3), KEYS);
    assert(["info", "warn", "error"].includes(String(record.level)), line.slice(0, 500));
    assert(
      record.message === "stopped" || !("counters" in record),
      `Forged counters: ${line.slice(0, 500)}`,
    );
    return record;
  });
}

/** Started nfscribe. */
interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly log: string;
  readonly stdout: string;
  readonly code: number | undefined;
  readonly hasEnded: boolean;
  /** Whether it is ready; false if it has ended instead. */
  readonly hasStarted: Promise<boolean>;
  kill(signal: Deno.Signal): void;
  ended(): Promise<void>;
}

function start(rights: readonly string[], config: string, { environment }: Canaries): Started {
  const usual = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];
  const [command, ...args] = deno(
    ...usual,
    ...rights,
    `${ROOT}main.ts`,
    "run",
    "-c",
    config,
  );
  const child = new Deno.Command(command!, {
    args,
    env: environment,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const started = Promise.withResolvers<boolean>();
  const said = { log: "", stdout: "", code: undefined as number | undefined };
  const reading = Promise.all([
    (async () => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        // A log without limits must not end the test.
        if (said.log.length < 4 * LOG_MAX) said.log += text;
        if (said.log.includes('"started"')) started.resolve(true);
      }
    })(),
    (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        if (said.stdout.length < LOG_MAX) said.stdout += text;
      }
    })(),
  ]);
  const ending = (async () => {
    const { code } = await child.status;
    said.code = code;
    await reading;
    started.resolve(false);
  })();
  const kill = (signal: Deno.Signal) => {
    if (said.code === undefined) child.kill(signal);
  };
  return {
    pid: child.pid,
    get log() {
      return said.log;
    },
    get stdout() {
      return said.stdout;
    },
    get code() {
      return said.code;
    },
    get hasEnded() {
      return said.code !== undefined;
    },
    hasStarted: started.promise,
    kill,
    async ended() {
      const timer = setTimeout(() => kill("SIGKILL"), END_MS);
      await ending;
      clearTimeout(timer);
    },
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await ending;
    },
  };
}

/** Logs packets to a port, by a rule in a table of its own. */
async function logPort(port: number, group: number) {
  const table = `hostile${group}`;
  await must(
    ["nft", "-f", "-"],
    `table ip ${table} {\nchain output {\ntype filter hook output priority 0\n` +
      `udp dport ${port} counter log group ${group}\n}\n}\n`,
  );
  return {
    async count(): Promise<number> {
      const listing = await must(["nft", "list", "table", "ip", table]);
      return Number(/counter packets (\d+)/.exec(listing)![1]);
    },
    async [Symbol.asyncDispose]() {
      await must(["nft", "delete", "table", "ip", table]);
    },
  };
}
