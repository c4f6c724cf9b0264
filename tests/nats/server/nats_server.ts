/**
 * A NATS server with JetStream for tests: a throw-away one on loopback.
 *
 * @module
 */

import { canRun } from "../../system/process.ts";
import { ThrowAwayServer } from "../../system/server.ts";

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
export class NatsServer extends ThrowAwayServer {
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

  /** Writes its configuration, which it reads when it starts. */
  async configure({ hasJetStream = true, config = "" }: ServerOptions): Promise<void> {
    const store = `jetstream { store_dir: "${this.folder}/store", max_mem: 64M, max_file: 4G }`;
    await Deno.writeTextFile(
      `${this.folder}/server.conf`,
      `server_name: n1\nlisten: 127.0.0.1:${this.port}\n${hasJetStream ? store : ""}\n${config}\n`,
    );
  }

  protected get command(): string[] {
    return [DAEMON, "-c", `${this.folder}/server.conf`, "-l", `${this.folder}/log`];
  }

  /** Its log. */
  log(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/log`);
  }
}
