import { canRun, exists } from "../system/process.ts";
import { filesOf } from "./cases.ts";
import { type HostileCase, printFigures, runHostile } from "./run.ts";

/** Filters of reviews, which are not part of the project. */
const SHARED = new URL("../../../shared/cases/hostile/", import.meta.url);
const FIRST_GROUP = 3000;

const HAS_NFT = canRun("nft", "list", "ruleset");
const isThere = HAS_NFT && exists(SHARED);

/** Preparations and exceptions, by the folder's name. */
const NOTES: Readonly<Record<string, Partial<HostileCase>>> = {
  "33-gpu": {
    // Figures of the sandbox itself, and objects without use.
    harmless:
      /GOT (canvas: null|webgpuctx|locks|args: $|pids: \d+ 4294967295|mem|exit|cpu|hc|lang)/,
  },
  "41-sparse": {
    async prepare(folder) {
      using file = await Deno.open(`${folder}/big.json`, { write: true, create: true });
      await file.truncate(40 * 1024 ** 3);
    },
  },
  "42-symlink": {
    prepare: (folder) => Deno.symlink(new URL("run.ts", import.meta.url), `${folder}/parse.ts`),
  },
};

/** Returns each module with a default export as a filter. */
function* cases(): Generator<HostileCase> {
  for (const { name } of [...Deno.readDirSync(SHARED)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const files = filesOf(new URL(`${name}/`, SHARED));
    for (const script of Object.keys(files).sort()) {
      if (!/\.[jt]s$/.test(script)) continue;
      yield {
        title: `${name}/${script}`,
        files,
        script,
        either: true,
        flowMs: 1000,
        ...NOTES[name],
      };
    }
  }
}

for (const [index, hostile] of (isThere ? [...cases()] : []).entries()) {
  Deno.test(`a filter of a review gets nothing: ${hostile.title}`, async () => {
    printFigures(hostile, await runHostile(hostile, FIRST_GROUP + index));
  });
}

Deno.test(
  "filters of reviews are run (needs nft and their folder)",
  { ignore: !isThere },
  () => {},
);
