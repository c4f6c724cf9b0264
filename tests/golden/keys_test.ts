import { assert } from "@std/assert";
import { parseGolden } from "./golden.ts";
import { renderKeys } from "./keys.ts";
import expected from "./keys.golden" with { type: "text" };
import packets from "./logemu.golden" with { type: "text" };

Deno.test("The golden records of ulogd's keys are what the encoders give", () => {
  const [golden, found] = [expected, renderKeys(parseGolden(packets).cases)]
    .map((text) => text.split("\n"));
  const wrong = golden!.findIndex((line, index) => line !== found![index]);
  assert(
    wrong < 0 && golden!.length === found!.length,
    `line ${wrong + 1}\n  golden  ${golden![wrong]}\n  encoder ${found![wrong]}\n` +
      "If the encoders are right, run deno task golden.",
  );
});
