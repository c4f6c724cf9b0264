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

Deno.test("A capture file's path is text or a list of texts", () => {
  const problems = (path: unknown) => checkTable(pcapSourceEntries, { path }, "").problems;
  assertEquals(problems(["a.pcap", "-"]), []);
  const message = "must be a file's path, - for standard input, or a list of them";
  for (const path of ["", [], ["a", ""], 1]) {
    assertEquals(problems(path).map((problem) => problem.message.split(", not ")[0]), [message]);
  }
});
