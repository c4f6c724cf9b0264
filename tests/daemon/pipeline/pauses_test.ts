import { assertEquals } from "@std/assert";
import { Pauses } from "../../../src/daemon/pipeline/pauses.ts";
import { FakeReader } from "./fakes.ts";

const MEBIBYTE = 1024 * 1024;

/** Returns the length of a pause after one of 16 ms in which so many datagrams came. */
function pauseAfter(datagrams: number, ...buffers: number[]): number {
  const sources = buffers.map((bufferBytes) => ({
    reader: Object.assign(new FakeReader(), { bufferBytes }),
  }));
  const pauses = new Pauses();
  assertEquals(pauses.begin(sources, 1000), 8, "how many come is not known yet");
  pauses.count(datagrams);
  return pauses.begin(sources, 1016);
}

Deno.test("A pause is long where what comes leaves most of the smallest buffer free", () => {
  assertEquals(pauseAfter(12, 8 * MEBIBYTE), 16);
  assertEquals(pauseAfter(13, 8 * MEBIBYTE), 8);
  assertEquals(pauseAfter(12, 8 * MEBIBYTE, MEBIBYTE), 8);
  assertEquals(pauseAfter(1000, Infinity), 16);
  assertEquals(pauseAfter(1, 212_992), 8);
});

Deno.test("After packets were waited for the next pause is short", () => {
  const sources = [{ reader: new FakeReader() }];
  const pauses = new Pauses();
  pauses.begin(sources, 0);
  pauses.interrupt();
  assertEquals(pauses.begin(sources, 16), 8);
  assertEquals(pauses.begin(sources, 32), 16);
});
