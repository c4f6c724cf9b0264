/**
 * nfscribe with a configuration of its own, and the packets that it gets.
 *
 * @module
 */

import { FAST } from "../../scripts/compile.ts";
import { PORT } from "../kernel/traffic.ts";
import { type Running, startNfscribeWith } from "../kernel/nfscribe.ts";
import { must } from "../system/process.ts";
import { cpuNanoseconds } from "../ffi/cpu_clock.ts";
import { CpuMeter } from "./cpu.ts";
import { send, settle } from "./measure.ts";

/** A configuration of nfscribe, and the packets for it. */
export interface Setup {
  /** Its first group; no other setup that runs at the same time has one of its groups. */
  group: number;
  /** Number of groups that packets are spread over, one after the other. */
  groups?: number;
  /** Prefixes of the rules that log, in turn. */
  prefixes?: readonly string[];
  /** Packets that a rule logs before the next one has its turn. */
  run?: number;
  /** Packets to a datagram, as the rules say. */
  threshold?: number;
  /** Lines of each `[[source]]`. */
  source?: string;
  /** Bytes of a packet. */
  size?: number;
  /** Packets a second; as many as one core can send if left out. */
  rate?: number;
  /** Number of addresses that packets go to, in turn. */
  addresses?: number;
  /** One of so many packets of the others is sent. */
  share?: number;
  /** The filter's text. */
  filter?: string;
  /** An expression in place of the filter. */
  where?: string;
  /** Number of sandboxes. */
  workers?: number;
  /** TOML of the outputs. */
  outputs: string;
}

/** CPU time of a packet in a round, in microseconds. */
export interface Cost {
  /** All of it. */
  total: number;
  /** Part of the kernel. */
  kernel: number;
  /** Part of the privileged process; the other processes are sandboxes. */
  privileged: number;
  /** Packets a second that were sent. */
  rate: number;
}

/** A running nfscribe. */
export class UnderLoad implements AsyncDisposable {
  readonly #setup: Setup;
  readonly #folder: string;
  readonly #running: Running;

  private constructor(setup: Setup, folder: string, running: Running) {
    this.#setup = setup;
    this.#folder = folder;
    this.#running = running;
  }

  /** Starts nfscribe in a folder of its own, which is made. */
  static async start(setup: Setup, folder: string): Promise<UnderLoad> {
    await Deno.mkdir(folder);
    const config = `${folder}/nfscribe.toml`;
    if (setup.filter !== undefined) await Deno.writeTextFile(`${folder}/filter.ts`, setup.filter);
    await Deno.writeTextFile(config, configOf(setup));
    return new UnderLoad(setup, folder, await startNfscribeWith([FAST], "-c", config));
  }

  /** Sends so many packets, and measures their cost. */
  async round(count: number): Promise<Cost> {
    const { share = 1, size = 100, rate = Infinity, addresses = 1 } = this.#setup;
    const packets = Math.ceil(count / share);
    await must(["nft", "-f", "-"], rulesOf(this.#setup));
    const { pid } = this.#running;
    const meter = new CpuMeter(pid);
    const before = cpuNanoseconds(pid);
    const sent = await send({ packets, size, rate, generators: 1, addresses });
    await settle(pid);
    const privileged = (cpuNanoseconds(pid) - before) / 1000;
    const { total, system } = meter.read();
    await must(["nft", "flush", "ruleset"]);
    await this.#empty();
    return {
      total: total / packets,
      kernel: system / packets,
      privileged: privileged / packets,
      rate: sent,
    };
  }

  /** Sends it packets while it is stopped, for as much of them as its buffer holds. */
  async flood(count: number): Promise<void> {
    await must(["nft", "-f", "-"], rulesOf(this.#setup));
    this.#running.kill("SIGSTOP");
    await send({ packets: count, size: 100, rate: Infinity, generators: 1 });
    this.#running.kill("SIGCONT");
    await settle(this.#running.pid);
    await must(["nft", "flush", "ruleset"]);
  }

  /** Stops it; returns the number of packets that were lost. */
  async stop(): Promise<number> {
    this.#running.kill("SIGTERM");
    const { counters } = await this.#running.ended();
    return Object.values(counters.sources).reduce((sum, { lost }) => sum + lost, 0);
  }

  /** Kills it if it is still running. */
  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#running[Symbol.asyncDispose]();
  }

  /** Frees the memory of written data, so that all rounds have the same. */
  async #empty(): Promise<void> {
    for await (const { name, isFile } of Deno.readDir(this.#folder)) {
      if (!isFile || name.endsWith(".toml") || name.endsWith(".ts")) continue;
      const path = `${this.#folder}/${name}`;
      const { size } = await Deno.stat(path);
      if (size > 0) await must(["fallocate", "--punch-hole", "--length", String(size), path]);
    }
  }
}

/** Returns a ruleset that logs to each group, with each prefix, in turn, and drops. */
function rulesOf({ group, groups = 1, prefixes = [""], run = 1, threshold }: Setup): string {
  const logs = Array.from({ length: groups * prefixes.length }, (_, index) => {
    const prefix = prefixes[index % prefixes.length]!;
    const words = [`log group ${group + index % groups}`];
    if (prefix !== "") words.push(`prefix "${prefix}"`);
    if (threshold !== undefined) words.push(`queue-threshold ${threshold}`);
    return words.join(" ");
  });
  const chains = logs.map((log, index) => `chain log${index} {\n${log}\ndrop\n}\n`);
  const turns = logs.map((_, index) => {
    const first = index * run;
    return `${run === 1 ? first : `${first}-${first + run - 1}`} : goto log${index}`;
  });
  const turn = logs.length === 1
    ? "goto log0"
    : `numgen inc mod ${logs.length * run} vmap { ${turns.join(", ")} }`;
  return `table inet bench {
${chains.join("")}chain input {
type filter hook input priority 0
udp dport ${PORT} ${turn}
}
}
`;
}

function configOf({ group, groups = 1, source = "", workers = 1, ...setup }: Setup): string {
  const sources = Array.from(
    { length: groups },
    (_, index) => `[[source]]\ntype = "nflog"\ngroup = ${group + index}\n${source}`,
  );
  const where = setup.where === undefined ? "" : `where = '${setup.where}'\n`;
  const script = setup.filter === undefined ? "" : 'script = "filter.ts"\n';
  const filter = where + script === "" ? "" : `[filter]\n${where}${script}workers = ${workers}\n`;
  return `${sources.join("")}${filter}${setup.outputs}[log]\nformat = "json"\n`;
}
