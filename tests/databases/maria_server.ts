/**
 * A MariaDB for tests: a throw-away server on loopback and on a Unix socket, run by an unprivileged
 * user.
 *
 * @module
 */

import { freePort, unprivileged } from "../postgres/cluster.ts";
import { canRun, must, run, until } from "../system/process.ts";

/** The user of the tests, and a password with characters that a URL must escape. */
export const USER = "nfscribe";
export const PASSWORD = "s3/cr@t";

const DAEMON = "mariadbd";
const NOBODY = 65534;

/** Returns the reason why no server can run; undefined if it can. */
export function noServer(): string | undefined {
  if (!canRun("sh", "-c", `PATH=$PATH:/usr/sbin command -v ${DAEMON} mariadb-install-db mariadb`)) {
    return "MariaDB's server is not installed";
  }
  if (Deno.uid() !== 0 || canRun("setpriv", "--reuid=nobody", "--clear-groups", "true")) {
    return undefined;
  }
  return "MariaDB does not run as root";
}

/** A running server. */
export class MariaServer implements AsyncDisposable {
  /** Folder of its data, log, and Unix socket. */
  readonly folder: string;
  /** Its port on 127.0.0.1. */
  readonly port: number;
  readonly #settings: readonly string[];
  #process: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /** Creates a server and starts it; `settings` are further options, as in `local-infile=0`. */
  static async start(settings: readonly string[] = []): Promise<MariaServer> {
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_maria_" });
    await Deno.chmod(folder, 0o755);
    if (Deno.uid() === 0) await Deno.chown(folder, NOBODY, NOBODY);
    const server = new MariaServer(folder, freePort(), settings);
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

  /** Starts it, again after {@linkcode stop}. */
  async restart(): Promise<void> {
    const [command, ...args] = unprivileged([
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
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    this.#process = new Deno.Command(command!, { args, ...quiet, env: PATH }).spawn();
    await until(
      "the server answers",
      async () => (await this.#sql("SELECT 1")).code === 0,
      60_000,
    );
  }

  /** Stops it; `SIGKILL` is a crash. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.status;
    this.#process = undefined;
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

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }

  #sql(statement: string, database = "mysql") {
    const options = ["--no-defaults", "-N", "-B", "--default-character-set=utf8mb4"];
    return run(["mariadb", ...options, "-uroot", "-S", this.socket, database], statement);
  }
}

const PATH = { PATH: `${Deno.env.get("PATH")}:/usr/sbin` };
