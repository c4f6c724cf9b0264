import { assertEquals } from "@std/assert";
import { checkTable } from "../../../src/schema.ts";
import { nflogEntries, type NflogOptions } from "../../../src/source/nflog/options.ts";

function check(table: Record<string, unknown>) {
  return checkTable(nflogEntries, table, "");
}

/** Returns the problem of one option; all others are valid. */
function problemOf(option: Partial<Record<keyof NflogOptions, unknown>>) {
  return check({ group: 1, ...option }).problems;
}

const GROUP = "must be a whole number from 0 to 65535";
const COPY_RANGE = "must be a whole number from 0 to 65531";
const TIMEOUT = "must be a multiple of 10 from 0 to 3600000";

Deno.test("A group is the only required option of an NFLOG source", () => {
  assertEquals(check({ group: 1 }), {
    options: {
      group: 1,
      copyRange: 0,
      bufferSize: 8_388_608,
      queueThreshold: 512,
      queueTimeoutMs: 100,
    },
    problems: [],
  });
});

Deno.test("Every option is taken at both of its bounds", () => {
  for (
    const options of [
      { group: 0, copyRange: 0, bufferSize: 4096, queueThreshold: 1, queueTimeoutMs: 0 },
      {
        group: 65535,
        copyRange: 65531,
        bufferSize: 0x3fffffff,
        queueThreshold: 0xffffffff,
        queueTimeoutMs: 3_600_000,
      },
    ]
  ) assertEquals(check(options), { options, problems: [] });
});

Deno.test("A group that is no number from 0 to 65535 is refused, once", () => {
  for (const group of [65536, -1, 1.5, "1", true, null]) {
    const message = `${GROUP}, not ${JSON.stringify(group)}`;
    assertEquals(problemOf({ group }), [{ key: "group", message }]);
  }
});

Deno.test("A missing group is reported", () => {
  assertEquals(check({}).problems, [{ key: "group", message: "is missing" }]);
});

Deno.test("A copy range that the kernel would clamp is refused", () => {
  assertEquals(problemOf({ copyRange: 65532 }), [
    { key: "copyRange", message: `${COPY_RANGE}, not 65532` },
  ]);
});

Deno.test("A queue timeout between the kernel's units is refused", () => {
  for (const queueTimeoutMs of [15, 9, -10, 3_600_010]) {
    assertEquals(problemOf({ queueTimeoutMs }), [
      { key: "queueTimeoutMs", message: `${TIMEOUT}, not ${queueTimeoutMs}` },
    ]);
  }
});

Deno.test("A queue threshold of 0 and a buffer below a page are refused", () => {
  assertEquals(problemOf({ queueThreshold: 0 }).length, 1);
  assertEquals(problemOf({ queueThreshold: 2 ** 32 }).length, 1);
  assertEquals(problemOf({ bufferSize: 4095 }).length, 1);
  assertEquals(problemOf({ bufferSize: 2 ** 30 }).length, 1);
});

Deno.test("A value that is not a number is refused, and shown as written", () => {
  assertEquals(problemOf({ copyRange: NaN }), [
    { key: "copyRange", message: `${COPY_RANGE}, not NaN` },
  ]);
  assertEquals(problemOf({ copyRange: Infinity }), [
    { key: "copyRange", message: `${COPY_RANGE}, not Infinity` },
  ]);
});

Deno.test("All problems are named at once", () => {
  const { problems } = check({ group: 65536, copyRange: -1, queueTimeoutMs: 15, queue: 5 });
  assertEquals(
    problems.map(({ key }) => key).toSorted(),
    ["copyRange", "group", "queue", "queueTimeoutMs"],
  );
});
