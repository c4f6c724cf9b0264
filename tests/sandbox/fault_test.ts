import { assertEquals } from "@std/assert";
import { faultText } from "../../src/sandbox/fault.ts";

const SCRIPT = "file:///etc/f/filter.ts";

function withStack(error: Error, ...frames: string[]): Error {
  error.stack = [`${error}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}

Deno.test("A fault contains the first line of the script's own files", () => {
  const error = withStack(
    new TypeError("x is undefined"),
    "Map.get (ext:core/01.js:1:2)",
    "look (file:///etc/f/lists/a.ts:7:3)",
    "Module.default (file:///etc/f/filter.ts:3:10)",
  );
  assertEquals(faultText(error, SCRIPT), "TypeError: x is undefined (/etc/f/lists/a.ts:7:3)");
});

Deno.test("A fault without a position has none", () => {
  assertEquals(
    faultText(withStack(new Error("a"), "file:///elsewhere.ts:1:1"), SCRIPT),
    "Error: a",
  );
  assertEquals(faultText(new Error("a"), ""), "Error: a");
});

Deno.test("A fault contains its causes, which have the reason for errors of fetch", () => {
  const refused = new Error("Connection refused", { cause: "none" });
  const cause = new Error("error sending request for url (http://192.0.2.1/)", { cause: refused });
  const error = withStack(new TypeError("fetch failed", { cause }), "file:///etc/f/filter.ts:3:9");
  assertEquals(
    faultText(error, SCRIPT),
    "TypeError: fetch failed: error sending request for url (http://192.0.2.1/): " +
      "Connection refused (/etc/f/filter.ts:3:9)",
  );
  const round = new Error("a");
  round.cause = round;
  assertEquals(faultText(round, ""), "Error: a: a: a: a: a");
});

Deno.test("Any thrown value is described", () => {
  assertEquals(faultText("text", SCRIPT), "threw text");
  assertEquals(faultText(undefined, SCRIPT), "threw undefined");
  assertEquals(faultText(Object.create(null), SCRIPT), "threw something that cannot be shown");
  const trap = {
    toString: () => {
      throw new Error("trap");
    },
  };
  assertEquals(faultText(trap, SCRIPT), "threw something that cannot be shown");
  assertEquals(faultText(new Error("x".repeat(5000)), "").length, 1000);
});
