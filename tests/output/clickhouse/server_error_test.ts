import { assertEquals, assertThrows } from "@std/assert";
import { OutputError } from "../../../src/errors.ts";
import { answerError, exceptionIn } from "../../../src/output/clickhouse/server_error.ts";
import { serverOf } from "../../../src/output/clickhouse/version.ts";

Deno.test("exceptions of old and new servers have a code and a short text", () => {
  const cases: readonly (readonly [text: string, code: string, message: string])[] = [
    [
      "Code: 81, e.displayText() = DB::Exception: Database nix doesn't exist, e.what() = DB::Exception\n",
      "81",
      "Database nix doesn't exist",
    ],
    [
      "Code: 516. DB::Exception: u: Authentication failed: password is incorrect. " +
      "(AUTHENTICATION_FAILED) (version 22.3.2.2 (official build))\n",
      "516",
      "u: Authentication failed: password is incorrect",
    ],
    [
      "Code: 252. DB::Exception: Too many parts (300). (TOO_MANY_PARTS) (version 26.7.2.1), Stack trace:\n0. x",
      "252",
      "Too many parts (300)",
    ],
  ];
  for (const [text, code, message] of cases) {
    const error = exceptionIn(text)!;
    assertEquals([error.code, error.message], [code, message]);
  }
  assertEquals(exceptionIn("<html>"), undefined);
  assertEquals(answerError(502, "<html>").message, "it answers 502");
});

Deno.test("a server is too old, has some features, or all of them", () => {
  const modern = (version: string) => serverOf(version, "db")?.isModern;
  assertEquals(
    ["18.16.1", "19.1.6", "22.2.9.1", "22.3.2.2", "26.7.2.1", "MySQL"].map(modern),
    [false, false, false, true, true, undefined],
  );
  assertThrows(() => serverOf("1.1.54385", "db"), OutputError, "the oldest that works is 18.16");
  assertThrows(() => serverOf("18.14.3", "db"), OutputError, "its version is 18.14.3");
});
