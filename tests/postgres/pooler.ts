/**
 * A throw-away PgBouncer in front of a cluster, run by an unprivileged user.
 *
 * @module
 */

import { hasProgram } from "../system/process.ts";
import { giveAway, ThrowAwayServer, unprivileged } from "../system/server.ts";
import { type Cluster, noCluster, SUPERUSER } from "./cluster.ts";

/** Returns the reason why no pooler can run; undefined if it can. */
export async function noPooler(): Promise<string | undefined> {
  return await noCluster() ??
    (hasProgram("pgbouncer") ? undefined : "needs pgbouncer, of Debian's package of that name");
}

/** A running pooler. */
export class Pooler extends ThrowAwayServer {
  /**
   * Starts a pooler.
   *
   * @param cluster The cluster, whose users it trusts.
   * @param settings Lines for `[pgbouncer]`, besides those of transaction mode.
   */
  static async start(cluster: Cluster, settings: readonly string[] = []): Promise<Pooler> {
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_pooler_" });
    const pooler = new Pooler(folder);
    const users = [SUPERUSER, "writer", "owner"].map((user) => `"${user}" ""\n`);
    await Deno.writeTextFile(`${folder}/users`, users.join(""));
    const lines = [
      "[databases]",
      `* = host=127.0.0.1 port=${cluster.port}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${pooler.port}`,
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
    await giveAway(folder);
    await pooler.restart();
    return pooler;
  }

  /** Returns the URL of a database behind it. */
  url(database = "postgres", user: string = SUPERUSER): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  protected get command(): string[] {
    return unprivileged(["pgbouncer", "-q", `${this.folder}/pgbouncer.ini`]);
  }

  /** Kills it: its connections on both sides are cut. */
  kill(): Promise<void> {
    return this.stop("SIGKILL");
  }
}
