/**
 * Writes numbered packets to an output until it is killed or told how many:
 * `writing.ts TYPE TABLE PACKETS [losses | FILE]`. Notes losses between them, if told so. Prints how many are accounted for, batch by
 * batch. With a file the disk is full at first; the file is removed once packets have failed.
 *
 * @module
 */

import { NumberedOutput } from "./numbered_output.ts";

const [type = "", table = "{}", packets = "0", more] = Deno.args;
const ballast = more === "losses" ? undefined : more;
const most = Number(packets);
const BATCH = 20;

function print(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

if (ballast !== undefined) Deno.writeFileSync(ballast, new Uint8Array(500_000));
const output = await NumberedOutput.open(type, JSON.parse(table));
const { buffered } = output;
while (output.taken < most) {
  await output.write(BATCH);
  if (more === "losses") await output.noteLoss();
  const { written, spooled, failed } = buffered.stats;
  if (ballast === undefined) print(written + spooled);
  else if (failed > 500) break;
}
if (ballast !== undefined) {
  const problem = buffered.problem;
  const { failed } = buffered.stats;
  Deno.removeSync(ballast);
  // What failed is tried again after a while, and the file is looked for once a second.
  while (buffered.problem !== undefined) {
    await pause(100);
    await output.write(BATCH);
  }
  await output.write(BATCH);
  await buffered.close();
  print({ problem, whenFull: failed, imbalance: output.imbalance, stats: buffered.stats });
} else {
  await buffered.close();
}
