/**
 * Ways to load packets into ClickHouse, each measured once.
 *
 * @module
 */

import { BLOCK_HEAD } from "../../src/output/clickhouse/block.ts";
import { connectionOf } from "../../src/output/clickhouse/connection.ts";
import { RowBinary } from "../../src/output/clickhouse/row_binary.ts";
import { insertStatement } from "../../src/output/clickhouse/schema.ts";
import { openClickhouse } from "../../src/output/clickhouse/writer.ts";
import { type ClickServer, PASSWORD, USER } from "../databases/click_server.ts";
import { deliveryOptions } from "../databases/rows.ts";
import { temporaryFolder } from "../system/process.ts";
import { timed } from "./cpu.ts";
import { fillSpool, fromSpool, underFlood } from "./databases_common.ts";
import type { Figures } from "./load_report.ts";

/** Measures on one server. */
export class Bench {
  readonly #server: ClickServer;
  readonly #folder: string;
  readonly #packets: number;
  #frames: Uint8Array[] = [];

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
    this.#frames = fillSpool(spool, this.#packets);
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

  /** Loads the rows of the spool from a file, by the server's own client. */
  async client(): Promise<Figures> {
    await this.#get(
      "ALTER TABLE packets DROP PARTITION " +
        await this.#get("SELECT any(toYYYYMMDD(time)) FROM packets"),
    );
    await using folder = await temporaryFolder();
    const path = `${folder.path}/rows`;
    {
      using file = Deno.openSync(path, { create: true, write: true });
      const binary = new RowBinary(false);
      for (const frame of this.#frames) {
        const blocks = binary.of({
          pieces: [frame],
          spool: crypto.randomUUID(),
          to: 1,
          positionOf: () => 1,
          arrived: new Map(),
        });
        for (const { bytes } of blocks) file.writeSync(bytes.subarray(BLOCK_HEAD));
      }
    }
    const statement = insertStatement({ table: "packets", isModern: false });
    const login = `--user ${USER} --password '${PASSWORD}' --database nfscribe`;
    const { seconds, cpuMicros } = await timed([
      "sh",
      "-c",
      `clickhouse-client --host 127.0.0.1 --port ${this.#server.nativePort} ${login} ` +
      `--query '${statement}' < ${path}`,
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
