import { assertEquals, assertThrows } from "@std/assert";
import { Spans } from "../../../src/output/delivery/spans.ts";

const place = (from: number, part = 0, chunk = 0) => ({ from, part, chunk });

Deno.test("Spans have each chunk once, and those that follow each other as one", () => {
  const spans = new Spans();
  assertEquals(spans.add(place(48), undefined), true);
  assertEquals(spans.add(place(48, 0, 1), place(48)), true);
  assertEquals(spans.add(place(48, 1), place(48, 0, 1)), true);
  assertEquals(spans.add(place(900), place(48, 1)), true);
  assertEquals(String(spans), "48.0.0-900.0.0");
  for (const again of [place(48), place(48, 1), place(900)]) {
    assertEquals(spans.add(again, undefined), false);
  }
  assertEquals(String(spans), "48.0.0-900.0.0");
});

Deno.test("Spans keep what may be missing apart until it comes", () => {
  const spans = new Spans("10.0.0-50.0.0");
  // Another nfscribe took over, and does not know what came before.
  assertEquals(spans.add(place(90), undefined), true);
  assertEquals(spans.add(place(100), place(90)), true);
  assertEquals(String(spans), "10.0.0-50.0.0 90.0.0-100.0.0");
  // The first one brings what it had spooled, and some of what the other one got, too.
  assertEquals(spans.add(place(60), place(50)), true);
  assertEquals(spans.add(place(80), place(60)), true);
  assertEquals(String(spans), "10.0.0-80.0.0 90.0.0-100.0.0");
  assertEquals(spans.add(place(90), place(80)), false);
  assertEquals(String(spans), "10.0.0-100.0.0");
});

Deno.test("A chunk whose predecessor is not there begins a span", () => {
  const spans = new Spans("10.0.0-20.0.0");
  assertEquals(spans.add(place(40), place(30)), true);
  assertEquals(String(spans), "10.0.0-20.0.0 40.0.0-40.0.0");
  assertEquals(spans.add(place(30), place(20)), true);
  assertEquals(spans.add(place(5), undefined), true);
  assertEquals(String(spans), "5.0.0-5.0.0 10.0.0-30.0.0 40.0.0-40.0.0");
});

Deno.test("Spans beyond a hundred are forgotten, the oldest first", () => {
  const spans = new Spans();
  for (let from = 0; from < 150; from++) spans.add(place(from * 10), undefined);
  const kept = String(new Spans(String(spans))).split(" ");
  assertEquals([kept.length, kept[0], kept.at(-1)], [
    100,
    "500.0.0-500.0.0",
    "1490.0.0-1490.0.0",
  ]);
});

Deno.test("Spans in any order of chunks are the same chunks, each new once", () => {
  for (let round = 0; round < 200; round++) {
    let seed = round + 1;
    const random = (below: number) => (seed = seed * 48271 % 2147483647) % below;
    const chunks = Array.from({ length: 20 }, (_, index) => index);
    let spans = new Spans();
    const seen = new Set<number>();
    for (let turn = 0; turn < 40; turn++) {
      // A run of chunks as one receiver gets them: it knows what is in front of all but the first.
      const first = random(20);
      for (let at = first; at < Math.min(20, first + random(8)); at++) {
        const isNew = spans.add(place(chunks[at]!), at === first ? undefined : place(at - 1));
        assertEquals(isNew, !seen.has(at), `round ${round}, chunk ${at}: ${spans}`);
        seen.add(at);
      }
      spans = new Spans(String(spans));
    }
  }
});

Deno.test("Text that holds no spans is refused", () => {
  for (const text of ["1-2", "1.0.0", "1.0.0-2.0.0;", "-1.0.0-2.0.0"]) {
    assertThrows(() => new Spans(text), Error, "no spans of chunks");
  }
});
