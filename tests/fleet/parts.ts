/**
 * Senders and centres of a fleet: `nfscribe run` on hosts of their own.
 *
 * @module
 */

import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { readCounters } from "../../src/daemon/telemetry/stats_client.ts";
import { fromFileUrl } from "../../src/text/file_url.ts";
import { type Running, startProgram } from "../kernel/nfscribe.ts";
import { udpProgram } from "../kernel/traffic.ts";
import { deno, must, ROOT, until } from "../system/process.ts";
import type { Host } from "./network.ts";

/** Group that the firewall of a sender logs to. */
const GROUP = 1;
/** First of the ports to which packets are logged; each life of a sender can have one of its own. */
export const PORT = 9;
/** Port of the metrics of a centre. */
const METRICS = 9477;
/** Time limit of an answer, in milliseconds. */
const DEADLINE_MS = 60_000;
/** Most rights that a part takes; the tests of permissions are elsewhere. */
const RIGHTS = [
  ...["--allow-ffi", "--allow-read", "--allow-write", "--allow-net", "--allow-env"],
  "--allow-sys=hostname,statfs,uid",
];

/** A running nfscribe on a host, which can be killed and started again. */
export class Part implements AsyncDisposable {
  readonly host: Host;
  readonly folder: string;
  readonly #config: string;
  #running: Running | undefined;
  /** Logs of all runs. */
  readonly #logs: string[] = [];

  protected constructor(host: Host, folder: string, config: string) {
    this.host = host;
    this.folder = folder;
    this.#config = config;
  }

  /** Process id. */
  get pid(): number {
    return this.#running!.pid;
  }

  /** Logs of all runs. */
  get said(): string {
    return [...this.#logs, this.#running?.said ?? ""].join("");
  }

  /** Starts it, the first time or again. */
  async start(): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/nfscribe.toml`, this.#config);
    this.#running = await startProgram(
      ...this.host.on(
        ...deno(...RIGHTS, `${ROOT}main.ts`, "run", "-c", `${this.folder}/nfscribe.toml`),
      ),
    );
  }

  /** Kills it with SIGKILL. */
  async kill(): Promise<void> {
    const running = this.#running!;
    await running[Symbol.asyncDispose]();
    this.#logs.push(running.said);
    this.#running = undefined;
  }

  /** Stops it in order; returns its last counters. */
  async stop(): Promise<Counters> {
    const running = this.#running!;
    running.kill("SIGTERM");
    const { counters } = await running.ended();
    this.#logs.push(running.said);
    this.#running = undefined;
    return counters;
  }

  /** Asks for its counters. */
  counters(): Promise<Counters> {
    return readCounters(`${this.folder}/stats.sock`, DEADLINE_MS);
  }

  /** Kills it if it runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running !== undefined) await this.kill();
  }
}

/** A sender, with a firewall rule on its host that logs and counts. */
export class Sender extends Part {
  /**
   * Makes the rule, and starts the sender.
   *
   * @param host Its host.
   * @param folder Folder for its files.
   * @param output Lines of its output.
   */
  static async start(host: Host, folder: string, output: string): Promise<Sender> {
    await Deno.mkdir(folder, { recursive: true });
    const rule = `udp dport ${PORT}-999 counter log group ${GROUP} queue-threshold 64 drop`;
    await must(
      host.on("nft", "-f", "-"),
      `table inet t { chain c { type filter hook input priority 0; ${rule}\n}\n}\n`,
    );
    const sender = new Sender(
      host,
      folder,
      `[[source]]
type = "nflog"
group = ${GROUP}
copy_range = 100
queue_timeout_ms = 10
[output.nats]
${output}
status_seconds = 1
spool = "${folder}/spool"
[stats]
socket = "${folder}/stats.sock"
[log]
format = "json"
`,
    );
    await sender.start();
    return sender;
  }

  /** Sends packets that the rule logs; returns once they are logged. */
  async flood(packets: number, port = PORT, rate = Infinity): Promise<void> {
    await must(this.#floodProgram(packets, port, rate));
  }

  /** Sends packets until stopped. */
  startFlood(rate: number, port = PORT): { stop(): Promise<void> } {
    const [command, ...args] = this.#floodProgram(1e9, port, rate);
    const child = new Deno.Command(command!, { args, stdin: "null", stdout: "null" }).spawn();
    return {
      async stop() {
        child.kill();
        await child.status;
      },
    };
  }

  /** Sends packets to random addresses of the host, which do not repeat as those of a flood do. */
  async scatter(packets: number): Promise<void> {
    await must(this.#floodProgram(packets, PORT, Infinity, "random"));
  }

  #floodProgram(packets: number, port: number, rate: number, address = "127.0.0.1"): string[] {
    const script = fromFileUrl(new URL("../kernel/flood.ts", import.meta.url).href);
    const words = [String(packets), "72", address, String(port), String(rate)];
    return this.host.on(...deno("--allow-ffi", script, ...words));
  }

  /** Returns the number of packets that the rule has logged. */
  async logged(): Promise<number> {
    const listing = await must(this.host.on("nft", "list", "ruleset"));
    return Number(/counter packets (\d+)/.exec(listing)![1]);
  }

  /**
   * Waits until everything that was logged is received, or counted as lost.
   *
   * @returns Packets that were logged, and those that the kernel lost.
   */
  async settle(): Promise<{ logged: number; lost: number }> {
    // Those that were lost last are counted with the next one.
    await must(this.host.on(...udpProgram("127.0.0.1", PORT)));
    const logged = await this.logged();
    let lost = 0;
    await until(`${this.host.name} has received what was logged`, async () => {
      const source = (await this.counters()).sources[`nflog:${GROUP}`]!;
      lost = source.lost;
      return source.received + lost === logged;
    });
    return { logged, lost };
  }
}

/** A central nfscribe. */
export class Centre extends Part {
  /** Asks for a page of its metrics' address. */
  async page(path: "/metrics" | "/healthz"): Promise<string> {
    return await (await fetch(`http://${this.host.address}:${METRICS}${path}`)).text();
  }

  /**
   * Starts a centre.
   *
   * @param host Its host.
   * @param folder Folder for its files.
   * @param source Lines of its source.
   * @param outputs Tables of its outputs.
   */
  static async start(
    host: Host,
    folder: string,
    source: string,
    outputs: string,
  ): Promise<Centre> {
    await Deno.mkdir(folder, { recursive: true });
    const centre = new Centre(
      host,
      folder,
      `[[source]]
type = "nats"
${source}
${outputs}
[stats]
socket = "${folder}/stats.sock"
metrics = "${host.address}:${METRICS}"
silent_seconds = 3
[log]
format = "json"
`,
    );
    await centre.start();
    return centre;
  }
}
