import { assert } from "@std/assert";
import { FAST } from "../../scripts/compile.ts";
import { BOUND, TO_PLAIN_COPY } from "../peers/cost_bounds.ts";
import { deno, must, ROOT } from "./process.ts";

/** Runs at most, while other work on the machine makes packets dear. */
const RUNS = 4;

for (const [output, recorded] of Object.entries(TO_PLAIN_COPY)) {
  Deno.test(`A sandbox takes as few plain copies' time for a packet to ${output} as it did`, async () => {
    const most = BOUND * recorded;
    const command = deno("--allow-ffi", FAST, `${ROOT}tests/bench/slots.ts`, "port", output);
    const ratios: number[] = [];
    while (ratios.length < RUNS && !ratios.some((ratio) => ratio <= most)) {
      ratios.push(Number(/([\d.]+) times a plain copy/.exec(await must(command))![1]));
    }
    assert(
      ratios.some((ratio) => ratio <= most),
      `It takes ${ratios.join(", ")} times a plain copy's, recorded is ${recorded}`,
    );
  });
}
