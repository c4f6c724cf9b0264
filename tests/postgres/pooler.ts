/**
 * A throw-away PgBouncer in front of a cluster, run by an unprivileged user.
 *
 * @module
 */

import { hasProgram, must, until } from "../system/process.ts";
import { type Cluster, freePort, noCluster, SUPERUSER, unprivileged } from "./cluster.ts";

/** Returns the reason why no pooler can run; undefined if it can. */
export async function noPooler(): Promise<string | undefined> {
  return await noCluster() ??
    (hasProgram("pgbouncer") ? undefined : "needs pgbouncer, of Debian's package of that name");
}

/** A running pooler. */
export class Pooler implements AsyncDisposable {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  readonly #folder: string;
  #process: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /**
   * Starts a pooler.
   *
   * @param cluster The cluster, whose users it trusts.
   * @param settings Lines for `[pgbouncer]`, besides those of transaction mode.
   */
  static async start(cluster: Cluster, settings: readonly string[] = []): Promise<Pooler> {
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_pooler_" });
    const port = freePort();
    const users = [SUPERUSER, "writer", "owner"].map((user) => `"${user}" ""\n`);
    await Deno.writeTextFile(`${folder}/users`, users.join(""));
    const lines = [
      "[databases]",
      `* = host=127.0.0.1 port=${cluster.port}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = trust",
      `auth_file = ${folder}/users`,
      `admin_users = ${SUPERUSER}`,
      "pool_mode = transaction",
      // Few servers for many clients: transactions of a client meet different ones.
      "default_pool_size = 2",
      "server_login_retry = 0",
      ...settings,
    ];
    await Deno.writeTextFile(`${folder}/pgbouncer.ini`, `${lines.join("\n")}\n`);
    await Deno.chmod(folder, 0o755);
    if (Deno.uid() === 0) await must(["chown", "-R", "nobody", folder]);
    const pooler = new Pooler(folder, port);
    await pooler.restart();
    return pooler;
  }

  /** Returns the URL of a database behind it. */
  url(database = "postgres", user: string = SUPERUSER): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it, or after {@linkcode kill} again. */
  async restart(): Promise<void> {
    const [program, ...args] = unprivileged(["pgbouncer", "-q", `${this.#folder}/pgbouncer.ini`]);
    this.#process = new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).spawn();
    await until("the pooler answers", async () => {
      const socket = await Deno.connect({ hostname: "127.0.0.1", port: this.port })
        .catch(() => undefined);
      socket?.close();
      return socket !== undefined;
    });
  }

  /** Kills it: its connections on both sides are cut. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
