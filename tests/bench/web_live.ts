/**
 * Measures the web page beside the daemon: CPU per packet of the daemon without the page, with it
 * while no browser looks, and with browsers; memory of the page's process while browsers look, slow
 * ones among them; in a network namespace of its own.
 *
 *     deno task bench:live [--seconds 20] [--rate 5000] [--browsers 5] [--slow 5]
 *
 * Fails if a packet is lost, or if memory grows from the second third of the time to the last by
 * more than a tenth.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { parseArgs } from "@std/cli/parse-args";
import { nft } from "../kernel/firewall.ts";
import { type Running, startProgram } from "../kernel/nfscribe.ts";
import { ROOT, temporaryFolder } from "../system/process.ts";
import { CpuMeter, memoryOf } from "./cpu.ts";

const GROUP = 709;
const PORT = 9;
const ADDRESS = "127.0.0.1:9488";
const TOKEN_FILE = "token";
/** Growth of memory that may be chance. */
const GROWTH_MOST = 1.1;
/** Bytes a second that a slow browser reads. */
const SLOW_BYTES = 2000;
const NFSCRIBE = `${ROOT}scripts/nfscribe`;

const given = parseArgs(Deno.args, { string: ["seconds", "rate", "browsers", "slow"] }) as Record<
  string,
  string | undefined
>;
const figure = (name: string, byDefault: number) => Number(given[name] ?? byDefault);
const [seconds, rate] = [figure("seconds", 20), figure("rate", 5000)];
const [browsers, slow] = [figure("browsers", 5), figure("slow", 5)];

/** A browser that listens to rows. */
class Browser implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #bytesPerSecond: number;
  rows = 0;
  skipped = 0;

  private constructor(connection: Deno.Conn, bytesPerSecond: number) {
    this.#connection = connection;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Connects; the promise of {@linkcode run} settles when it is closed. */
  static async open(token: string, bytesPerSecond = Infinity): Promise<Browser> {
    const [hostname, port] = ADDRESS.split(":");
    const connection = await Deno.connect({ hostname: hostname!, port: Number(port) });
    const browser = new Browser(connection, bytesPerSecond);
    await connection.write(
      new TextEncoder().encode(
        `GET /api/live?kind=packet HTTP/1.1\r\nhost: ${ADDRESS}\r\nauthorization: Bearer ${token}\r\n\r\n`,
      ),
    );
    void browser.#run().catch(() => {});
    return browser;
  }

  async #run(): Promise<void> {
    const isSlow = Number.isFinite(this.#bytesPerSecond);
    const buffer = new Uint8Array(isSlow ? this.#bytesPerSecond : 65_536);
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const count = await this.#connection.read(buffer);
      if (count === null) return;
      if (isSlow) {
        await delay(1000);
        continue;
      }
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
      const end = text.lastIndexOf("\n\n");
      if (end < 0) continue;
      for (const event of text.slice(0, end).split("\n\n")) this.#take(event);
      text = text.slice(end + 2);
    }
  }

  #take(event: string): void {
    // Chunks of HTTP stand in between.
    if (!event.includes("event: rows\n")) return;
    this.rows += event.split('"rowId":').length - 1;
    this.skipped += Number(/"skipped":(\d+)\}/.exec(event)?.[1] ?? 0);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Sends packets for a time; returns the daemon's CPU per packet, in microseconds. */
async function cpuPerPacket(daemon: Running, act: () => Promise<void>): Promise<number> {
  const meter = new CpuMeter(daemon.pid);
  const packets = rate * seconds;
  const sending = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-ffi", `${ROOT}tests/kernel/flood.ts`],
      ...[String(packets), "72", "127.0.0.1", String(PORT), String(rate)],
    ],
    stdout: "null",
  }).spawn();
  await act();
  const { success } = await sending.status;
  if (!success) throw new Error("Cannot send packets");
  await delay(1500);
  return meter.read().total / packets;
}

/** Takes memory each second until the time is over. */
async function memoryDuring(pid: number): Promise<number[]> {
  const memory: number[] = [];
  for (let second = 0; second < seconds; second++) {
    await delay(1000);
    memory.push(memoryOf(pid));
  }
  return memory;
}

async function startWeb(folder: string): Promise<{ web: Deno.ChildProcess; token: string }> {
  const web = new Deno.Command(NFSCRIBE, {
    args: ["web", "-c", `${folder}/nfscribe.toml`],
    stdout: "piped",
  }).spawn();
  const reader = web.stdout.getReader();
  await reader.read();
  reader.releaseLock();
  void web.stdout.cancel();
  return { web, token: (await Deno.readTextFile(`${folder}/${TOKEN_FILE}`)).trim() };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

await using folder = await temporaryFolder();
await Deno.writeTextFile(
  `${folder.path}/nfscribe.toml`,
  `[[source]]
type = "nflog"
group = ${GROUP}
buffer_size = 67108864
[output.sqlite]
path = "fw.db"
payload = true
spool = "spool"
[stats]
socket = "${folder.path}/stats.sock"
[web]
listen = "${ADDRESS}"
token_file = "${TOKEN_FILE}"
[log]
format = "json"
`,
);
await using _rules = await nft([["output", `udp dport ${PORT} log prefix "DROP " group ${GROUP}`]]);
await using daemon = await startProgram(NFSCRIBE, "run", "-c", `${folder.path}/nfscribe.toml`);

// V8 compiles meanwhile.
await cpuPerPacket(daemon, () => Promise.resolve());
const alone = await cpuPerPacket(daemon, () => Promise.resolve());
const { web, token } = await startWeb(folder.path);
const idleMemory = memoryOf(web.pid);
const idleMeter = new CpuMeter(web.pid);
const unwatched = await cpuPerPacket(daemon, () => Promise.resolve());
const idleCpu = idleMeter.read().total / 1e6 / seconds;

using stack = new DisposableStack();
const fast = await Promise.all(Array.from({ length: browsers }, () => Browser.open(token)));
for (let index = 0; index < slow; index++) {
  // Every second one reads nothing at all, or nearly.
  fast.push(stack.use(await Browser.open(token, index % 2 === 0 ? 1 : SLOW_BYTES)));
}
for (const browser of fast.slice(0, browsers)) stack.use(browser);
const webMeter = new CpuMeter(web.pid);
let memory: number[] = [];
const watched = await cpuPerPacket(daemon, async () => void (memory = await memoryDuring(web.pid)));
const webCpu = webMeter.read().total / 1e6 / seconds;

const third = Math.floor(memory.length / 3);
const [before, after] = [mean(memory.slice(third, 2 * third)), mean(memory.slice(2 * third))];
const shown = fast.slice(0, browsers).map(({ rows, skipped }) => rows + skipped);
daemon.kill("SIGTERM");
const { counters } = await daemon.ended();
web.kill("SIGTERM");
await web.status;
const lost = Object.values(counters.sources).reduce((sum, source) => sum + source.lost, 0);

console.log(`${rate} packets a second for ${seconds} s, each time
CPU of the daemon per packet: ${alone.toFixed(2)} µs without a page, ${
  unwatched.toFixed(2)
} µs with one that no browser looks at, ${
  watched.toFixed(2)
} µs with ${browsers} browsers and ${slow} slow ones
CPU of the page: ${idleCpu.toFixed(3)} of a core while no browser looks, ${
  webCpu.toFixed(2)
} with them
memory of the page: ${idleMemory.toFixed(0)} MB at first; with browsers ${
  before.toFixed(0)
} MB in the second third of the time, ${after.toFixed(0)} MB in the last, at most ${
  Math.max(...memory).toFixed(0)
} MB
packets lost: ${lost}; each browser got ${Math.min(...shown)} to ${Math.max(...shown)} of ${
  rate * seconds
}, shown or counted`);
if (lost > 0 || after > before * GROWTH_MOST) Deno.exit(1);
