import { assertEquals } from "@std/assert";
import { INVALID_VERDICT, Verdicts } from "../../src/sandbox/verdict.ts";

function reader(): { verdicts: Verdicts; unknown: string[] } {
  const unknown: string[] = [];
  return { verdicts: new Verdicts(["pcap", "logemu"], (name) => unknown.push(name)), unknown };
}

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
  for (const [value, bits] of cases) assertEquals(verdicts.read(value), bits, Deno.inspect(value));
  assertEquals(unknown, []);
});

Deno.test("An unknown name is reported; without a known one, the verdict is invalid", () => {
  const { verdicts, unknown } = reader();
  assertEquals(verdicts.read("pacp"), INVALID_VERDICT);
  assertEquals(verdicts.read(["pcap", "nope"]), 1);
  assertEquals(verdicts.read(["nope", "no"]), INVALID_VERDICT);
  assertEquals(verdicts.read(""), INVALID_VERDICT);
  assertEquals(unknown, ["pacp", "nope", "nope", "no", ""]);
});

Deno.test("Any other value is invalid", () => {
  const { verdicts } = reader();
  for (const value of [0, 1, 1n, {}, Symbol("x"), () => 1, [1], [["pcap"]], new Set(["pcap"])]) {
    assertEquals(verdicts.read(value), INVALID_VERDICT, Deno.inspect(value));
  }
});
