import { assertEquals } from "@std/assert";
import { cutRuns } from "../../../src/output/messages/runs.ts";

const HEAD = 32;
const LOSS = 1;

/** Returns a batch of frames with these lengths; those of losses are negative. */
function batchOf(lengths: readonly number[], from = 48) {
  let end = from;
  const heads = lengths.map((signed) => {
    const length = Math.abs(signed);
    end += HEAD + length;
    const isLoss = signed < 0;
    return { length, records: isLoss ? 0 : 1, crc: 0, timeMs: 0, tag: isLoss ? LOSS : 0, end };
  });
  return { frames: lengths.map((length) => new Uint8Array(Math.abs(length))), heads };
}

const cut = (lengths: readonly number[], ends: readonly number[], limit: number, from?: number) => {
  const { runs, to } = cutRuns(batchOf(lengths, from), ends, limit);
  return { runs: runs.map(({ from, to, records }) => [from, to, records]), to };
};

Deno.test("frames are joined up to the limit, and a larger one is alone", () => {
  assertEquals(cut([100, 100, 100, 500, 100], [], 250), {
    runs: [[48, 312, 2], [312, 444, 1], [444, 976, 1], [976, 1108, 1]],
    to: 1108,
  });
  assertEquals(cut([], [], 250), { runs: [], to: 0 });
});

Deno.test("a loss begins a run, in front of the records behind it", () => {
  const { runs } = cutRuns(batchOf([10, -20, -20, 10, 10]), [], 1000);
  assertEquals(runs.map(({ frames, losses }) => [frames.length, losses.length]), [[1, 0], [2, 2]]);
});

Deno.test("runs that may have been sent are cut in the same way again, whatever the limit is now", () => {
  const lengths = [100, 100, 100, 100, 100, 100];
  const first = cut(lengths, [], 250);
  const ends = first.runs.map(([, to]) => to!);
  for (const limit of [1, 100, 10_000]) assertEquals(cut(lengths, ends, limit), first);
  // Behind the noted ends, the limit counts.
  assertEquals(cut([...lengths, 100, 100], ends, 100).runs.slice(3), [[840, 972, 1], [
    972,
    1104,
    1,
  ]]);
  // The first run has arrived.
  assertEquals(cut(lengths.slice(2), ends.slice(1), 10_000, 312).runs, first.runs.slice(1));
});

Deno.test("a run that was sent before and is not whole in a batch is left for the next one", () => {
  const ends = [312, 576];
  assertEquals(cut([100, 100, 100], ends, 10_000), { runs: [[48, 312, 2]], to: 312 });
  // No batch can hold it: its end is lost.
  assertEquals(cut([100], ends, 10_000), { runs: [[48, 180, 1]], to: 180 });
});
