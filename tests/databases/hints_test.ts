import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { must, type Result, run } from "../system/process.ts";
import { flowRows, translated } from "./flow_rows.ts";
import { row } from "./rows.ts";
import { place } from "./sqlite.ts";

/** 2026-11-28T08:26:40Z */
const START = 1_795_854_400;
const AT = ["--at", "2026-11-28 08:26:45"];

/** Makes a database with flows of 10.0.0.1, which 198.51.100.7:40001 stood for. */
async function natPlace(packets = 0) {
  const there = await place();
  const writer = await there.open();
  const flow = { host: 1, port: 5001, outerPort: 40_001, start: START, id: 1 };
  await writer.write(flowRows([translated(flow)]), 1);
  for (let n = 0; n < packets; n++) await writer.write(row(n), 1);
  await writer.close();
  return there;
}

function query(path: string, ...args: string[]): Promise<Result> {
  return run(["scripts/nfscribe", "db", "query", "--sqlite", path, ...args]);
}

Deno.test("`db query` names --flows where there are no packets, or words are about flows", async () => {
  await using there = await natPlace();
  for (const args of [[], ["tcp"], ["--json"]]) {
    const { code, stdout, stderr } = await query(there.path, ...args);
    assertEquals([code, stdout], [0, ""]);
    assertEquals(stderr, "There are no rows of packets, but rows in flows: add --flows\n");
  }
  const flows = await query(there.path, "--flows", "tcp");
  assertEquals([flows.code, flows.stdout, flows.stderr], [0, "", ""]);
  const both = await query(there.path, "tcp port 80 or snat");
  assertEquals(both.code, 2);
  assertMatch(both.stderr, /"snat" is about flows; packets have no such value: add --flows\n/);
  const single = await query(there.path, "uid 0 or snat");
  assertEquals([single.code, single.stderr.includes("--flows")], [2, false]);
});

Deno.test("`db query` of packets that are there gives no hint", async () => {
  await using there = await natPlace(1);
  const { code, stdout, stderr } = await query(there.path, "tcp port 1");
  assertEquals([code, stdout, stderr], [0, "", ""]);
});

Deno.test("`db query --nat` says that the limit has left out flows", async () => {
  await using there = await place();
  const writer = await there.open();
  for (const id of [1, 2]) {
    const flow = { host: 1, port: 5000 + id, outerPort: 40_000 + id, start: START, id };
    await writer.write(flowRows([translated(flow)]), 1);
  }
  await writer.close();
  for (const [limit, said] of [["1", "There are more flows than these 1"], ["2", ""]]) {
    const args = ["--nat", "198.51.100.7", ...AT, "--limit", limit!];
    const { stdout, stderr } = await query(there.path, ...args);
    assertEquals(stdout.trimEnd().split("\n").length, Number(limit));
    assertEquals(stderr.split(":")[0], said);
  }
});

Deno.test("`db query --nat` says which time it looked at, and what may be meant", async () => {
  await using there = await natPlace();
  const ask = (...args: string[]) => query(there.path, "--nat", ...args);
  const open = await ask("198.51.100.7:40001", ...AT);
  assertEquals(open.stderr, "");
  assertMatch(
    open.stdout,
    /^10\.0\.0\.1:5001 UDP to 203\.0\.113\.9:53 since 2026-11-28T08:26:40\S+Z, no end recorded host=gate\n$/,
  );
  const hints = [
    [
      ["198.51.100.7:40001", "--at", "2026-11-28T08:20"],
      "198.51.100.7:40001 is recorded from 2026-11-28T08:20:00.000Z to 2026-11-28T08:20:59.999Z\n",
    ],
    [["10.0.0.1", ...AT], "; 10.0.0.1 is the address before translation: ask for the one that"],
    [["198.51.100.7:53", ...AT], "; 53 is the port of the other end: ask for that of 198.51.100.7"],
    [
      ["192.0.2.1"],
      "; that is now: name another time by --at; flows that have not ended are recorded only with",
    ],
  ] as const;
  for (const [args, hint] of hints) {
    const { code, stdout, stderr } = await ask(...args);
    assertEquals([code, stdout], [0, ""]);
    assertMatch(stderr, /^No translation to \S+ is recorded /);
    assertStringIncludes(stderr, hint);
  }
});

Deno.test("`db status` of a file prints its size and its hosts once, below all tables", async () => {
  await using there = await natPlace(1);
  const status = ["scripts/nfscribe", "db", "status", "--sqlite", there.path] as const;
  const lines = (await must([...status])).split("\n");
  assertEquals(lines.filter((line) => line.startsWith("  size ")).length, 1);
  const names = ["table packets", "table flows", "all tables"];
  const headings = lines.filter((line) => line !== "" && !line.startsWith(" "));
  assertEquals(headings.map((line) => line.replace(/^.*: /, "")), names);
  const all = lines.slice(lines.indexOf(headings.at(-1)!) + 1);
  assertMatch(all[0]!, /^ {2}size /);
  assertMatch(all[1]!, /^ {2}host {5}\S+: 2 rows in 1 session/);
  const json = JSON.parse(await must([...status, "--json"]));
  assertEquals(typeof json.bytes, "number");
  assertEquals([json.isFileSize, json.flows.bytes, json.flows.rows], [undefined, undefined, 1]);
});

Deno.test("`explain` prints the condition over each table that an expression is about", async () => {
  const explain = (text: string) => must(["scripts/nfscribe", "explain", text]);
  assertStringIncludes(
    await explain("tcp port 80"),
    `sqlite:
  packets: WHERE (protocol = 6 AND (source_port = 80 OR destination_port = 80))
  flows: WHERE (protocol = 6 AND (original_source_port = 80 OR original_destination_port = 80))
`,
  );
  assertStringIncludes(await explain("snat"), "sqlite:\n  WHERE (nat_source ");
  assertStringIncludes(await explain("prefix a"), "sqlite:\n  WHERE prefix = 'a'\n");
  assertMatch(await explain("flow"), /^All flows\.\n/);
  assertStringIncludes(
    await explain('prefix "ssh*" or snat'),
    `flows: none: 'prefix "ssh*"' is about`,
  );
});
