import { assert, assertEquals, assertLess } from "@std/assert";
import { SandboxLog } from "../../../src/daemon/pool/sandbox_log.ts";

/** Opens a log whose time the test sets. */
function logAt(time: { ms: number }) {
  const records: { level: string; message: string; fields: object }[] = [];
  const at = (level: string) => (message: string, fields: object = {}) =>
    void records.push({ level, message, fields });
  const log = new SandboxLog(
    { info: at("info"), warn: at("warn"), error: at("error") },
    () => time.ms,
  );
  return { log, records };
}

Deno.test("A filter's messages are escaped, and its fields cannot replace a record's own", () => {
  const { log, records } = logAt({ ms: 0 });
  log.write("info", 'filter: a\n{"level":"error"}\x1b[2J\u202e', [
    ["time", "x"],
    ["level", "\x9b"],
    ["ok", "1"],
  ]);
  assertEquals(records, [{
    level: "info",
    message: 'filter: a\\u000a{"level":"error"}\\u001b[2J\\u202e',
    fields: { filter_time: "x", filter_level: "\\u009b", ok: "1" },
  }]);
});

Deno.test("Messages with their fields are cut at 4 KiB, after escaping", () => {
  const { log, records } = logAt({ ms: 0 });
  log.write("info", "\x1b".repeat(5000), [["name", "value".repeat(1000)]]);
  log.write("info", "short", [["a", "b".repeat(10_000)], ["c", "d"]]);
  for (const { message, fields } of records) {
    assertLess(message.length + Object.entries(fields).flat().join("").length, 4100);
  }
  assertEquals(Object.keys(records[1]!.fields), ["a"]);
});

Deno.test("A burst of forty messages passes, then twenty a second; the number of suppressed ones is logged", () => {
  const time = { ms: 0 };
  const { log, records } = logAt(time);
  const say = (count: number) => {
    for (let n = 0; n < count; n++) log.write("info", "x");
  };
  let suppressed = 0;
  const logged = () =>
    records.splice(0).filter(({ message, fields }) => {
      suppressed += (fields as { messages?: number }).messages ?? 0;
      return message === "x";
    }).length;
  say(100);
  assertEquals(logged(), 40);
  time.ms += 1000;
  say(100);
  assertEquals(logged(), 20);
  log.countSuppressed(1000);
  log.reportSuppressed(true);
  assertEquals(logged(), 0);
  assertEquals(suppressed, 60 + 80 + 1000);
});

Deno.test("The rate of characters is limited, however long messages are", () => {
  const time = { ms: 0 };
  const { log, records } = logAt(time);
  for (; time.ms < 60_000; time.ms += 10) log.write("error", "y".repeat(10_000));
  const characters = records.reduce((sum, { message }) => sum + message.length, 0);
  assert(characters < 65_536 + 60 * 8192 + 60 * 100, `${characters} characters`);
});
