/**
 * Kills processes that receive a stream of messages, at random moments. Two of them take turns, each
 * with a spool of its own: what was not acknowledged to one comes to the other, too.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { deno, ROOT, temporaryFolder } from "../../system/process.ts";
import { totals } from "./message.ts";
import { acknowledged } from "./stream_reader.ts";

/** Number of kills. */
export const KILLS = Number(Deno.env.get("KILLS") ?? 2);
/** Messages of a kill. */
const MESSAGES = 100;
const RIGHTS = [
  ...["--allow-ffi", "--allow-read", "--allow-write", "--allow-env", "--allow-run"],
  ...["--allow-net=127.0.0.1", "--allow-sys", "--unstable-worker-options"],
];

/** A filter that takes its time, in which its sandbox is killed. */
const SLOW_FILTER = `export default () => {
  const end = performance.now() + 0.2;
  while (performance.now() < end);
  return true;
};`;

/** Asks a database; answers are whole numbers as text. */
export type Query = (sql: string) => Promise<string>;

/**
 * Receives a stream into a database and a file, killed over and over, and checks that every packet and
 * loss is in the database once, and in the file at least once.
 *
 * @param type Output of the database.
 * @param table Its options, but for the spool.
 * @param query Asks the database.
 */
export async function assertOnceDespiteKills(
  type: string,
  table: Readonly<Record<string, unknown>>,
  query: Query,
): Promise<void> {
  await using folder = await temporaryFolder();
  const [stream, messages] = [`${folder.path}/acknowledged`, MESSAGES * KILLS];
  await Deno.writeFile(stream, new Uint8Array());
  const slow = `${folder.path}/slow.ts`;
  await Deno.writeTextFile(slow, SLOW_FILTER);
  const start = (center: number, paceMs: number, ...filter: string[]) => {
    const outputs = {
      [type]: { ...table, spool: `${folder.path}/spool${center}`, hostname: "centre" },
      json: { path: `${folder.path}/${center}.json` },
    };
    const program = deno(...RIGHTS, `${ROOT}tests/databases/chunks/receiving.ts`);
    const given = [stream, String(messages), String(paceMs), JSON.stringify(outputs), ...filter];
    const [command, ...args] = [...program, ...given];
    return new Deno.Command(command!, { args, stdin: "null", stdout: "piped" }).spawn();
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const kills = kill % 3 === 1;
    const child = start(kill % 2, 3, ...kills ? [slow] : []);
    // It is at work.
    for await (const _ of child.stdout) break;
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * (kills ? 2000 : 500)));
    try {
      child.kill("SIGKILL");
    } catch {
      // It was quicker, and has received all.
    }
    await child.status;
  }
  // Both get what was not acknowledged, at the same time, and bring what each spooled before.
  const last = [0, 1].map((center) => start(center, 0));
  for (const child of last) {
    await child.stdout.cancel();
    assertEquals((await child.status).code, 0);
  }
  assertEquals(acknowledged(stream).size, messages);
  const { packets, lost } = totals(messages);
  const rows = "SELECT count(*) FROM packets";
  assertEquals(await query(rows), String(packets));
  assertEquals(await query("SELECT count(DISTINCT mark) FROM packets"), String(packets));
  assertEquals(await query("SELECT sum(packets) FROM packets_losses"), String(lost));
  assertEquals(
    await query("SELECT sum(records) FROM packets_counts WHERE step = 60"),
    String(packets),
  );
  // A line for each session: what was claimed follows each other, but for where the two took turns.
  assertEquals(await query("SELECT count(*) FROM nfscribe_received"), "2");
  const lines = (await Promise.all([0, 1].map((center) => linesOf(folder.path, center)))).flat();
  const marks = new Set(lines.map((line) => JSON.parse(line).mark));
  assertEquals(marks.size, packets);
  assert(lines.length >= packets);
}

async function linesOf(folder: string, center: number): Promise<string[]> {
  const text = await Deno.readTextFile(`${folder}/${center}.json`);
  // A kill may tear a line; its packet comes again.
  return text.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
}
