/**
 * A PostgreSQL for tests: a throw-away cluster on loopback and on a Unix socket, run by an
 * unprivileged user.
 *
 * @module
 */

import { must, run, until } from "../system/process.ts";
import { freePort, giveAway, unprivileged } from "../system/server.ts";

/** The superuser of every cluster. */
export const SUPERUSER = "postgres";

/** Returns the path of a server program on Debian; elsewhere it is searched in PATH. */
async function binary(name: string): Promise<string | undefined> {
  const folders: string[] = [];
  try {
    for await (const { name } of Deno.readDir("/usr/lib/postgresql")) folders.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const newest = folders.sort((a, b) => Number(b) - Number(a));
  for (const version of newest) {
    const path = `/usr/lib/postgresql/${version}/bin/${name}`;
    if ((await run(["test", "-x", path])).code === 0) return path;
  }
  const found = await run(["sh", "-c", `command -v ${name}`]);
  return found.code === 0 ? found.stdout.trim() : undefined;
}

/** Returns the reason why no cluster can run; undefined if it can. */
export async function noCluster(): Promise<string | undefined> {
  if ((await binary("initdb")) === undefined) return "PostgreSQL's server is not installed";
  if (Deno.uid() !== 0) return undefined;
  const lowered = await run(["setpriv", "--reuid=nobody", "--clear-groups", "true"]);
  return lowered.code === 0 ? undefined : "PostgreSQL does not run as root";
}

/** A running cluster. */
export class Cluster implements AsyncDisposable {
  /** Folder of its data, log, and Unix socket. */
  readonly folder: string;
  /** Its port on 127.0.0.1, and in the socket's name. */
  readonly port: number;
  readonly #pgCtl: string;
  readonly #psql: string;

  private constructor(folder: string, port: number, pgCtl: string, psql: string) {
    this.folder = folder;
    this.port = port;
    this.#pgCtl = pgCtl;
    this.#psql = psql;
  }

  /**
   * Creates a cluster and starts it.
   *
   * @param settings Lines for postgresql.conf.
   * @param hba Lines for pg_hba.conf; by default everything is trusted.
   * @param encoding The encoding of its databases.
   */
  static async start(
    { settings = [], hba, encoding = "UTF8" }: {
      settings?: readonly string[];
      hba?: readonly string[];
      encoding?: string;
    } = {},
  ): Promise<Cluster> {
    const [initdb, pgCtl] = [await binary("initdb"), await binary("pg_ctl")];
    const psql = await binary("psql");
    if (initdb === undefined || pgCtl === undefined || psql === undefined) {
      throw new Error("PostgreSQL is not installed: apt-get install postgresql");
    }
    const folder = await Deno.makeTempDir({ prefix: "nfscribe_postgres_" });
    await giveAway(folder);
    const port = freePort();
    const cluster = new Cluster(folder, port, pgCtl, psql);
    const data = `${folder}/data`;
    const options = ["--auth=trust", `--encoding=${encoding}`, "--locale=C", "--no-sync"];
    await must(unprivileged([initdb, "-D", data, "-U", SUPERUSER, ...options]));
    const conf = [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${folder}'`,
      ...settings,
    ];
    await Deno.writeTextFile(`${data}/postgresql.conf`, `${conf.join("\n")}\n`, { append: true });
    if (hba !== undefined) await Deno.writeTextFile(`${data}/pg_hba.conf`, `${hba.join("\n")}\n`);
    await cluster.restart();
    return cluster;
  }

  /** Returns the URL of a database, without a password. */
  url(database = "postgres", user: string = SUPERUSER): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it again after {@linkcode stop}. */
  async restart(): Promise<void> {
    await this.#control("start", "-l", `${this.folder}/log`, "-w");
    await until("the server answers", async () => (await this.#sql("select 1")).code === 0);
  }

  /** Stops it; `immediate` is like a crash. */
  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    await this.#control("stop", "-m", mode);
  }

  /**
   * Runs SQL as the superuser over the Unix socket.
   *
   * @returns The output of psql, without headers and alignment: fields separated by `|`.
   * @throws {Error} If the server refuses it; the message contains the server's.
   */
  async sql(statement: string, database = "postgres"): Promise<string> {
    const { code, stdout, stderr } = await this.#sql(statement, database);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await run(unprivileged([this.#pgCtl, "-D", `${this.folder}/data`, "stop", "-m", "immediate"]));
    await Deno.remove(this.folder, { recursive: true });
  }

  #sql(statement: string, database = "postgres") {
    const to = ["-h", this.folder, "-p", String(this.port), "-U", SUPERUSER, "-d", database];
    return run([this.#psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", ...to], statement);
  }

  async #control(...args: string[]): Promise<void> {
    await must(unprivileged([this.#pgCtl, "-D", `${this.folder}/data`, ...args]));
  }
}
