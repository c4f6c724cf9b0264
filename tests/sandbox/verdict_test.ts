import { assertEquals } from "@std/assert";
import { INVALID_VERDICT, Verdicts } from "../../src/sandbox/verdict.ts";

function reader(): { verdicts: Verdicts; unknown: string[] } {
  const unknown: string[] = [];
  return { verdicts: new Verdicts(["pcap", "logemu"], (name) => unknown.push(name)), unknown };
}

/** Bits of all outputs. */
const ALL = 0b11;

Deno.test("A verdict is a bit for each output that it names", () => {
  const { verdicts, unknown } = reader();
  const cases: [value: unknown, bits: number][] = [
    ["pcap", 1],
    ["logemu", 2],
    ["pcap", 1],
    [["logemu", "pcap"], 3],
    [["pcap", "pcap"], 1],
    [true, 3],
    [false, 0],
    [undefined, 0],
    [null, 0],
    [[], 0],
  ];
  for (const [value, bits] of cases) {
    assertEquals(verdicts.read(value, ALL), bits, Deno.inspect(value));
  }
  assertEquals(unknown, []);
});

Deno.test("An unknown name is reported; without a known one, the verdict is invalid", () => {
  const { verdicts, unknown } = reader();
  assertEquals(verdicts.read("pacp", ALL), INVALID_VERDICT);
  assertEquals(verdicts.read(["pcap", "nope"], ALL), 1);
  assertEquals(verdicts.read(["nope", "no"], ALL), INVALID_VERDICT);
  assertEquals(verdicts.read("", ALL), INVALID_VERDICT);
  assertEquals(unknown, ["pacp", "nope", "nope", "no", ""]);
});

Deno.test("Any other value is invalid", () => {
  const { verdicts } = reader();
  for (const value of [0, 1, 1n, {}, Symbol("x"), () => 1, [1], [["pcap"]], new Set(["pcap"])]) {
    assertEquals(verdicts.read(value, ALL), INVALID_VERDICT, Deno.inspect(value));
  }
});
