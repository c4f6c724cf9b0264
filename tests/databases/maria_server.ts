/**
 * A MariaDB for tests: a throw-away server on loopback and on a Unix socket, run by an unprivileged
 * user.
 *
 * @module
 */

import { must, run } from "../system/process.ts";
import { giveAway, lacksServer, ThrowAwayServer, unprivileged } from "../system/server.ts";

/** The user of the tests, and a password with characters that a URL must escape. */
export const USER = "nfscribe";
export const PASSWORD = "s3/cr@t";

const DAEMON = "mariadbd";

/** Returns the reason why no server can run; undefined if it can. */
export function noServer(): string | undefined {
  return lacksServer("MariaDB", DAEMON, "mariadb-install-db", "mariadb");
}

/** A running server. */
export class MariaServer extends ThrowAwayServer {
  readonly #settings: readonly string[];

  private constructor(folder: string, settings: readonly string[]) {
    super(folder);
    this.#settings = settings;
  }

  /** Creates a server and starts it; `settings` are further options, as in `local-infile=0`. */
  static async start(settings: readonly string[] = []): Promise<MariaServer> {
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_maria_" });
    await giveAway(folder);
    const server = new MariaServer(folder, settings);
    await must(unprivileged([
      ...["mariadb-install-db", "--no-defaults", `--datadir=${folder}/data`, "--skip-test-db"],
      "--auth-root-authentication-method=normal",
    ]));
    await server.restart();
    await server.sql(`CREATE DATABASE nfscribe;
      CREATE USER ${USER}@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON nfscribe.* TO ${USER}@'%'`);
    return server;
  }

  /** Path of its Unix socket. */
  get socket(): string {
    return `${this.folder}/s`;
  }

  /** Returns the URL of a database. */
  url(database = "nfscribe", query = ""): string {
    const login = `${USER}:${encodeURIComponent(PASSWORD)}`;
    return `mysql://${login}@127.0.0.1:${this.port}/${database}${query}`;
  }

  /** Creates a database of its own for a test. */
  async database(name: string): Promise<void> {
    await this.sql(`CREATE DATABASE ${name}; GRANT ALL ON ${name}.* TO ${USER}@'%'`);
  }

  protected get command(): string[] {
    return unprivileged([
      DAEMON,
      "--no-defaults",
      `--datadir=${this.folder}/data`,
      `--socket=${this.socket}`,
      `--port=${this.port}`,
      "--bind-address=127.0.0.1",
      `--pid-file=${this.folder}/pid`,
      `--log-error=${this.folder}/log`,
      "--innodb-log-file-size=32M",
      "--innodb-buffer-pool-size=64M",
      "--skip-name-resolve",
      ...this.#settings.map((setting) => `--${setting}`),
    ]);
  }

  protected override async answers(): Promise<boolean> {
    return (await this.#sql("SELECT 1")).code === 0;
  }

  /**
   * Runs SQL as root over the Unix socket.
   *
   * @returns Lines of fields that are separated by tabs.
   * @throws {Error} If the server refuses it; the message contains the server's.
   */
  async sql(statement: string, database = "mysql"): Promise<string> {
    const { code, stdout, stderr } = await this.#sql(statement, database);
    if (code !== 0) throw new Error(stderr);
    return stdout.trimEnd();
  }

  #sql(statement: string, database = "mysql") {
    const options = ["--no-defaults", "-N", "-B", "--default-character-set=utf8mb4"];
    return run(["mariadb", ...options, "-uroot", "-S", this.socket, database], statement);
  }
}
