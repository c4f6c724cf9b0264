import { assertEquals } from "@std/assert";
import type { Batch } from "../../../src/buffer/segment_batch.ts";
import { inAscii, LOSS_TAG, lossFrame, splitLosses } from "../../../src/output/delivery/losses.ts";

const ORIGIN = { hostname: "gate", session: "0198c0de-0000-7000-8000-000000000001" };

function batchOf(frames: readonly (readonly [bytes: Uint8Array, tag: number])[]): Batch {
  return {
    session: ORIGIN.session,
    from: 0,
    to: 1,
    records: 0,
    frames: frames.map(([bytes]) => bytes),
    heads: frames.map(([{ length }, tag]) => ({
      ...{ length, tag, records: 0, crc: 0, timeMs: 0, end: 1 },
    })),
  };
}

function loss(source: string, packets: number, seconds: number, nanoseconds = 0): Uint8Array {
  return lossFrame({ source, packets, seconds, nanoseconds }, ORIGIN);
}

Deno.test("splitLosses() takes losses out, those of a source in the same second as one", () => {
  const row = Uint8Array.of(0, 28);
  const { frames, losses, strange } = splitLosses(batchOf([
    [loss("nflog:1", 3, 10, 1500), LOSS_TAG],
    [row, 0],
    [loss("nflog:2", 1, 10), LOSS_TAG],
    [loss("nflog:1", 4, 10, 999_999_999), LOSS_TAG],
    [loss("nflog:1", 5, 11), LOSS_TAG],
  ]));
  assertEquals([frames, strange], [[row], []]);
  assertEquals(
    losses.map(({ micros, capture, packets, host }) => [micros, capture, packets, host]),
    [
      [10_000_001, "nflog:1", 7, "gate"],
      [10_000_000, "nflog:2", 1, "gate"],
      [11_000_000, "nflog:1", 5, "gate"],
    ],
  );
});

Deno.test("splitLosses() keeps bytes apart that are no losses", () => {
  const texts = [
    "",
    "null",
    "[]",
    '{"micros":-1}',
    '{"micros":1,"host":"a","capture":"b\\u0000","session":"' + ORIGIN.session + '","packets":1}',
    '{"micros":1,"host":"a","capture":"b","session":"x\'; DROP","packets":1}',
    '{"micros":1,"host":"a","capture":"b","session":"' + ORIGIN.session + '","packets":1.5}',
  ];
  const frames = texts.map((text) => new TextEncoder().encode(text));
  const { losses, strange } = splitLosses(batchOf(frames.map((frame) => [frame, LOSS_TAG])));
  assertEquals([losses, strange], [[], frames]);
});

Deno.test("inAscii() escapes the bytes of characters that an encoding may lack", () => {
  const { losses: [lost] } = splitLosses(batchOf([[loss("nflog:é\\", 1, 1), LOSS_TAG]]));
  assertEquals(inAscii(lost!), { ...lost!, capture: "nflog:\\xc3\\xa9\\" });
});
