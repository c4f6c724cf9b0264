import { canRun } from "../system/process.ts";
import { IMPORTS } from "./imports.ts";
import { printFigures, runHostile } from "./run.ts";

const HAS_NFT = canRun("nft", "list", "ruleset");
const FIRST_GROUP = 2000;

for (const [index, hostile] of IMPORTS.entries()) {
  Deno.test(`a filter ${hostile.title} (needs nft)`, { ignore: !HAS_NFT }, async () => {
    printFigures(hostile, await runHostile(hostile, FIRST_GROUP + index));
  });
}
