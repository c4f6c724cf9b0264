import { assertEquals } from "@std/assert";
import { checkTable } from "../../../src/schema.ts";
import { pcapSourceEntries } from "../../../src/source/pcap/options.ts";

Deno.test("A capture file needs its path only", () => {
  assertEquals(checkTable(pcapSourceEntries, { path: "a.pcap" }, ""), {
    options: { path: "a.pcap", copyRange: 0, follow: false, pace: "max" },
    problems: [],
  });
});

Deno.test("A capture file without path, or with an impossible copy range, is refused", () => {
  assertEquals(checkTable(pcapSourceEntries, { copyRange: 65532 }, "source[0]").problems, [
    { key: "source[0].path", message: "is missing" },
    {
      key: "source[0].copyRange",
      message: "must be a whole number from 0 to 65531, not 65532",
    },
  ]);
});
