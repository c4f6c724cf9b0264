/**
 * NATS servers with JetStream, alone or as a cluster, each on a host of its own.
 *
 * @module
 */

import { hasProgram, until } from "../system/process.ts";
import type { Host } from "./network.ts";

/** Reason why there can be no server; undefined if there can. */
export const NO_NATS: string | undefined = hasProgram("nats-server")
  ? undefined
  : "needs nats-server";

const [PORT, ROUTES, MONITOR] = [4222, 6222, 8222];

/** Health of a server, as its monitor tells it. */
interface Jsz {
  meta_cluster?: { leader?: string };
  account_details?: { stream_detail?: StreamDetail[] }[];
}

/** A stream, as the monitor tells it. */
export interface StreamDetail {
  name: string;
  cluster?: { leader?: string };
  state: { messages: number; bytes: number };
}

/** One server. */
export class NatsServer implements AsyncDisposable {
  readonly host: Host;
  readonly #config: string;
  readonly #log: string;
  #child: Deno.ChildProcess | undefined;

  private constructor(host: Host, config: string, log: string) {
    this.host = host;
    this.#config = config;
    this.#log = log;
  }

  /**
   * Writes the configuration of a server and starts it.
   *
   * @param host Its host.
   * @param all Hosts of all servers of the cluster.
   * @param folder Folder for its files.
   * @param further Further lines of its configuration.
   */
  static async start(
    host: Host,
    all: readonly Host[],
    folder: string,
    further = "",
  ): Promise<NatsServer> {
    const store = `${folder}/${host.name}`;
    await Deno.mkdir(store, { recursive: true });
    const routes = all.filter(({ name }) => name !== host.name)
      .map(({ address }) => `nats://${address}:${ROUTES}`);
    const cluster = all.length < 2 ? "" : `cluster {
  name: fleet
  listen: ${host.address}:${ROUTES}
  routes: [${routes.join(", ")}]
}
`;
    await Deno.writeTextFile(
      `${store}/server.conf`,
      `server_name: ${host.name}
listen: ${host.address}:${PORT}
http: ${host.address}:${MONITOR}
jetstream { store_dir: "${store}/store", max_mem: 64M, max_file: 8G }
${cluster}${further}`,
    );
    const server = new NatsServer(host, `${store}/server.conf`, `${store}/log`);
    await server.start();
    return server;
  }

  /** URL for clients. */
  get url(): string {
    return `nats://${this.host.address}:${PORT}`;
  }

  /** Process id. */
  get pid(): number {
    return this.#child!.pid;
  }

  /** Its log. */
  log(): Promise<string> {
    return Deno.readTextFile(this.#log);
  }

  /** Starts it, the first time or again; it need not be ready yet. */
  async start(): Promise<void> {
    const [command, ...args] = this.host.on("nats-server", "-c", this.#config, "-l", this.#log);
    this.#child = new Deno.Command(command!, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    })
      .spawn();
    await until(`${this.host.name} answers`, async () => (await this.#ask("/varz")) !== undefined);
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#child!.kill(signal);
  }

  /** Kills it. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.#child!.status;
  }

  /** Whether JetStream is ready, with a leader, and has caught up. */
  async isHealthy(): Promise<boolean> {
    return (await this.#ask("/healthz"))?.status === "ok";
  }

  /** Returns a stream; undefined where the server does not answer or does not have it. */
  async stream(name: string): Promise<StreamDetail | undefined> {
    const jsz = await this.#ask("/jsz?streams=true&accounts=true") as Jsz | undefined;
    return jsz?.account_details?.flatMap(({ stream_detail }) => stream_detail ?? [])
      .find((stream) => stream.name === name);
  }

  /** Kills it if it runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child?.kill("SIGKILL");
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child?.status;
  }

  async #ask(path: string): Promise<Record<string, unknown> | undefined> {
    try {
      const signal = AbortSignal.timeout(2000);
      const answer = await fetch(`http://${this.host.address}:${MONITOR}${path}`, { signal });
      return await answer.json();
    } catch {
      return undefined;
    }
  }
}

/** Waits until all servers are healthy. */
export async function untilHealthy(servers: readonly NatsServer[]): Promise<void> {
  await until("the servers are healthy", async () => {
    const healthy = await Promise.all(servers.map((server) => server.isHealthy()));
    return healthy.every(Boolean);
  });
}
