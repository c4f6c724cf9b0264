/**
 * A NATS server with JetStream for tests: a throw-away one on loopback.
 *
 * @module
 */

import { freePort } from "../../postgres/cluster.ts";
import { canRun, until } from "../../system/process.ts";

const DAEMON = "nats-server";

/** Returns the reason why no server can run; undefined if it can. */
export function noServer(): string | undefined {
  return canRun("sh", "-c", `PATH=$PATH:/usr/sbin command -v ${DAEMON}`)
    ? undefined
    : "nats-server is not installed";
}

/** Options of a server. */
export interface ServerOptions {
  /** Whether it has JetStream; it has if left out. */
  hasJetStream?: boolean;
  /** Further lines of its configuration. */
  config?: string;
}

/** A running server. */
export class NatsServer implements AsyncDisposable {
  /** Folder of its streams and its log. */
  readonly folder: string;
  /** Its port on 127.0.0.1. */
  readonly port: number = freePort();
  #process: Deno.ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Writes the configuration of a server and starts it. */
  static async start(options: ServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(await Deno.makeTempDir({ prefix: "nfscribe_nats_" }));
    await server.configure(options);
    await server.restart();
    return server;
  }

  /** Its URL. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Its process. */
  get pid(): number {
    return this.#process!.pid;
  }

  /** Writes its configuration, which it reads when it starts. */
  async configure({ hasJetStream = true, config = "" }: ServerOptions): Promise<void> {
    const store = `jetstream { store_dir: "${this.folder}/store", max_mem: 64M, max_file: 4G }`;
    await Deno.writeTextFile(
      `${this.folder}/server.conf`,
      `server_name: n1\nlisten: 127.0.0.1:${this.port}\n${hasJetStream ? store : ""}\n${config}\n`,
    );
  }

  /** Starts it, again after {@linkcode stop}. */
  async restart(): Promise<void> {
    this.#process = new Deno.Command(DAEMON, {
      args: ["-c", `${this.folder}/server.conf`, "-l", `${this.folder}/log`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      env: { PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
    }).spawn();
    await until("the server is ready", () => accepts(this.port), 60_000);
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#process!.kill(signal);
  }

  /** Stops it; `SIGKILL` is a crash. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Its log. */
  log(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/log`);
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) {
      this.signal("SIGCONT");
      await this.stop("SIGKILL");
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
