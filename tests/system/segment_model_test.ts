import { assertEquals } from "@std/assert";
import { SegmentModel } from "./segment_model.ts";
import { temporaryFolder } from "./process.ts";

/** Number of steps; a million in the long form. */
const STEPS = Number(Deno.env.get("SEGMENT_STEPS") ?? 20_000);

for (const batchBytes of [undefined, 1024 * 1024 + 32]) {
  Deno.test(`A segment log is a list of frames, whatever happens between two of its bytes (batches of ${batchBytes ?? "a segment"})`, async () => {
    await using folder = await temporaryFolder();
    using model = new SegmentModel(folder.path, batchBytes, 20_261_128);
    for (let step = 0; step < STEPS; step++) model.step();
    model.finish();
    const { kills, torn, late, ...rest } = model.seen;
    // Otherwise the test would look at less than it says.
    assertEquals([kills > STEPS / 1000, torn > STEPS / 5000, late > STEPS / 1000], [
      true,
      true,
      true,
    ], JSON.stringify(rest));
  });
}
