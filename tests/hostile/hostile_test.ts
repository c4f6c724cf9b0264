import { canRun } from "../system/process.ts";
import { OWN, readCases } from "./cases.ts";
import { printFigures, runHostile } from "./run.ts";

const HAS_NFT = canRun("nft", "list", "ruleset");
const FIRST_GROUP = 1000;

// `deno task test` has no right to read them, and no nft.
for (const [index, hostile] of (HAS_NFT ? readCases(OWN) : []).entries()) {
  Deno.test(`a hostile filter gets nothing: ${hostile.title}`, async () => {
    printFigures(hostile, await runHostile(hostile, FIRST_GROUP + index));
  });
}

Deno.test("hostile filters are run (needs nft)", { ignore: !HAS_NFT }, () => {});
