/**
 * Writes rows to a database on a disk that is full for a while, and prints what became of them.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../src/output/sqlite/writer.ts";
import { until } from "../system/process.ts";
import { deliveryOptions, rows } from "./rows.ts";

const [folder] = Deno.args;
const disk = `${folder}/disk`;
const path = `${disk}/nfscribe.db`;
const writer = await openSqlite({
  path,
  ...deliveryOptions(`${folder}/spool`),
  flushRows: 1000,
}, { info() {}, warn() {} });
for (let batch = 0; batch < 20; batch++) await writer.write(rows(1000, batch * 1000), 1000);
await until("the disk is full", () => writer.problem !== undefined, 30_000);
const problem = writer.problem!.message;
const { code } = await new Deno.Command("mount", { args: ["-o", "remount,size=64m", disk] })
  .output();
if (code !== 0) throw new Error("cannot make room");
await until("all rows are there", () => writer.delivery.written === 20_000, 30_000);
await writer.close();
const database = new DatabaseSync(path, { readOnly: true });
const { count, marks } = database.prepare(
  "SELECT count(*) AS count, count(DISTINCT mark) AS marks FROM packets",
).get()!;
database.close();
console.log(JSON.stringify({ problem, written: writer.delivery.written, count, marks }));
