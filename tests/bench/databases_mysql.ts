/**
 * Ways to load packets into MariaDB, each measured once.
 *
 * @module
 */

import { connectionOf } from "../../src/output/mysql/connection.ts";
import { LoadLines } from "../../src/output/mysql/load_lines.ts";
import { loadStatement } from "../../src/output/mysql/schema.ts";
import { openMysql } from "../../src/output/mysql/writer.ts";
import { type MariaServer, PASSWORD, USER } from "../databases/maria_server.ts";
import { deliveryOptions } from "../databases/rows.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { Client } from "../../src/output/mysql/client.ts";
import { timed } from "./cpu.ts";
import { fillSpool, fromSpool, underFlood, withUlogd } from "./databases_common.ts";
import type { Figures } from "./load_report.ts";
import { PACKETS } from "../../src/output/table/packets.ts";

/** Folder of ulogd's tables on Debian. */
const ULOGD_TABLES = "/usr/share/doc/ulogd2-mysql/mysql-ulogd2-flat.sql.gz";
const ULOGD_STACK = [
  "raw2packet_BASE:BASE",
  "filter_IFINDEX:IFINDEX",
  "filter_IP2BIN:IP2BIN",
  "filter_HWHDR:HWHDR",
];

/** Measures on one server. */
export class Bench {
  readonly #server: MariaServer;
  readonly #folder: string;
  readonly #packets: number;
  #frames: Uint8Array[] = [];

  constructor(server: MariaServer, folder: string, packets: number) {
    this.#server = server;
    this.#folder = folder;
    this.#packets = packets;
  }

  async flooded(): Promise<Figures> {
    await this.#clear();
    await using client = await this.#connect();
    return await underFlood(this.#folder, this.#packets, {
      type: "mysql",
      lines: `url = "${this.#server.url()}"\ncreate = true`,
      arrived: () => get(client, "SELECT coalesce(sum(`rows`), 0) AS n FROM nfscribe_spools"),
      firstMs: () =>
        get(
          client,
          "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', min(time)) / 1000 AS n FROM packets",
        ),
      size: () => this.#size(),
    });
  }

  async fromSpool(loads = true): Promise<Figures> {
    await this.#clear();
    await this.#server.sql(`SET GLOBAL local_infile = ${loads ? 1 : 0}`);
    const spool = `${this.#folder}/spool`;
    this.#frames = fillSpool(spool, this.#packets);
    const url = this.#server.url();
    try {
      return await fromSpool(this.#packets, () =>
        openMysql({
          url,
          connection: connectionOf(url, () => undefined),
          create: true,
          ...deliveryOptions(spool),
        }, { info() {}, warn: console.error }), () => this.#size());
    } finally {
      await this.#server.sql("SET GLOBAL local_infile = 1");
    }
  }

  /** Loads the rows of the spool from a file, in one statement. */
  async loadData(): Promise<Figures> {
    await this.#server.sql("TRUNCATE packets", "nfscribe");
    await using folder = await temporaryFolder();
    const path = `${folder.path}/rows`;
    {
      using file = Deno.openSync(path, { create: true, write: true });
      for (const piece of new LoadLines(PACKETS.form).of(this.#frames)) file.writeSync(piece);
    }
    const client = ["mariadb", "--no-defaults", "--local-infile=1", "-h127.0.0.1"];
    const login = [`-P${this.#server.port}`, `-u${USER}`, `-p${PASSWORD}`, "nfscribe"];
    const statement = loadStatement(PACKETS, "packets").replace("'rows'", `'${path}'`);
    const { seconds, cpuMicros } = await timed([...client, ...login, "-e", statement]);
    const rows = Number(await this.#server.sql("SELECT count(*) FROM packets", "nfscribe"));
    return { rows, seconds, cpuMicros, bytesPerRow: await this.#size() / rows };
  }

  async ulogd(): Promise<Figures> {
    await this.#clear();
    await this.#server.sql(await must(["zcat", ULOGD_TABLES]), "nfscribe");
    await using client = await this.#connect();
    const options = [
      'host="127.0.0.1"',
      `port=${this.#server.port}`,
      `user="${USER}"`,
      `pass="${PASSWORD}"`,
      'db="nfscribe"',
      'table="ulog2"',
      'procedure="INSERT"',
    ];
    return await withUlogd(
      this.#folder,
      { plugin: "MYSQL", options: options.join("\n") },
      ULOGD_STACK,
      () => get(client, "SELECT coalesce(max(_id), 0) AS n FROM ulog2"),
      () => this.#size(),
    );
  }

  async #connect(): Promise<Client & AsyncDisposable> {
    const client = await Client.open(connectionOf(this.#server.url(), () => undefined));
    const dispose = () => Promise.resolve(client.close());
    return Object.assign(client, { [Symbol.asyncDispose]: dispose });
  }

  async #size(): Promise<number> {
    const query = "SELECT sum(file_size) FROM information_schema.innodb_sys_tablespaces " +
      "WHERE name LIKE 'nfscribe/%'";
    return Number(await this.#server.sql(query));
  }

  async #clear(): Promise<void> {
    await this.#server.sql("DROP DATABASE nfscribe; CREATE DATABASE nfscribe");
    await Deno.remove(`${this.#folder}/spool`, { recursive: true }).catch(() => {});
  }
}

async function get(client: Client, query: string): Promise<number> {
  const [row] = await client.rows(query);
  return Number(row!.n);
}
