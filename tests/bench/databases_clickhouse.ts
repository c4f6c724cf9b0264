/**
 * Ways to load packets into ClickHouse, each measured once.
 *
 * @module
 */

import { connectionOf } from "../../src/output/clickhouse/connection.ts";
import { openClickhouse } from "../../src/output/clickhouse/writer.ts";
import { type ClickServer, PASSWORD, USER } from "../databases/click_server.ts";
import { deliveryOptions } from "../databases/rows.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { timed } from "./cpu.ts";
import { fillSpool, fromSpool, underFlood } from "./databases_common.ts";
import type { Figures } from "./load_report.ts";

/** Measures on one server. */
export class Bench {
  readonly #server: ClickServer;
  readonly #folder: string;
  readonly #packets: number;

  constructor(server: ClickServer, folder: string, packets: number) {
    this.#server = server;
    this.#folder = folder;
    this.#packets = packets;
  }

  async flooded(): Promise<Figures> {
    await this.#clear();
    const secret = `${this.#folder}/secret`;
    await Deno.writeTextFile(secret, PASSWORD, { mode: 0o600 });
    return await underFlood(this.#folder, this.#packets, {
      type: "clickhouse",
      lines: `url = "${this.#server.url()}"\nsecret_file = "${secret}"\ncreate = true`,
      arrived: () => this.#get("SELECT count() FROM packets").catch(() => 0),
      firstMs: () =>
        this.#get(
          "SELECT min(toInt64(toUInt32(time)) * 1000000 + time_micros) / 1000 FROM packets",
        ),
      size: () => this.#size(),
    });
  }

  async fromSpool(compression: "none" | "gzip" = "none"): Promise<Figures> {
    await this.#clear();
    const spool = `${this.#folder}/spool`;
    fillSpool(spool, this.#packets);
    const url = this.#server.url();
    return await fromSpool(this.#packets, () =>
      openClickhouse({
        url,
        connection: connectionOf(url, () => undefined, PASSWORD),
        compression,
        create: true,
        ...deliveryOptions(spool),
      }, { info() {}, warn: console.error }), () => this.#size());
  }

  /** Loads the very rows of the table from a file of a format, by the server's own client. */
  async client(format: "Native" | "RowBinary"): Promise<Figures> {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/rows`;
    const client = (query: string) =>
      `clickhouse-client --host 127.0.0.1 --port ${this.#server.nativePort} --user ${USER} ` +
      `--password '${PASSWORD}' --database nfscribe --query '${query} FORMAT ${format}'`;
    await must(["sh", "-c", `${client("SELECT * FROM packets")} > ${path}`]);
    await this.#server.sql("TRUNCATE TABLE packets", "nfscribe");
    const { seconds, cpuMicros } = await timed([
      "sh",
      "-c",
      `${client("INSERT INTO packets")} < ${path}`,
    ]);
    const rows = await this.#get("SELECT count() FROM packets");
    return { rows, seconds, cpuMicros, bytesPerRow: await this.#size() / rows };
  }

  async #get(query: string): Promise<number> {
    return Number(await this.#server.sql(query, "nfscribe"));
  }

  async #size(): Promise<number> {
    return await this.#get(
      "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'nfscribe'",
    );
  }

  async #clear(): Promise<void> {
    await this.#server.sql("DROP DATABASE nfscribe");
    await this.#server.sql("CREATE DATABASE nfscribe");
    await Deno.remove(`${this.#folder}/spool`, { recursive: true }).catch(() => {});
  }
}
