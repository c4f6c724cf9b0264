import { assertEquals } from "@std/assert";
import { Progress } from "../../src/output/messages/progress.ts";
import { temporaryFolder } from "./process.ts";

const [ONE, OTHER] = [crypto.randomUUID(), crypto.randomUUID()];
const LANE = { kind: "packet", host: "gate", capture: "nflog:1" } as const;

/** Opens the notes of a folder; its warnings are collected. */
function opened(folder: string): { progress: Progress; warnings: string[] } {
  const warnings: string[] = [];
  return { progress: new Progress(folder, (message) => warnings.push(message)), warnings };
}

Deno.test("positions, ends of runs and counts outlive the process", async () => {
  await using folder = await temporaryFolder();
  const { progress } = opened(folder.path);
  assertEquals(progress.position(ONE), undefined);
  progress.begin(ONE, 48, true);
  progress.plan([100, 200, 300]);
  const counts = progress.counts.copy();
  counts.add(LANE, 5);
  progress.arrived(100, counts);
  // A kill before the next note: the run comes again, with the same ends.
  const killed = opened(folder.path).progress;
  assertEquals([killed.position(ONE), killed.ends], [48, [100, 200, 300]]);
  progress.flush();
  const { progress: next, warnings } = opened(folder.path);
  assertEquals([next.position(ONE), next.ends, next.position(OTHER)], [100, [200, 300], undefined]);
  next.begin(ONE, 100, false);
  assertEquals(next.counts.add(LANE, 1), 5);
  // Ends that are noted already are not written again.
  next.plan([200, 300]);
  assertEquals([next.ends, warnings], [[200, 300], []]);
});

Deno.test("another session begins with counts of 0, one whose notes are lost without counts", async () => {
  await using folder = await temporaryFolder();
  const { progress } = opened(folder.path);
  progress.begin(ONE, 48, true);
  progress.begin(OTHER, 48, true);
  assertEquals([progress.position(ONE), progress.counts.add(LANE, 1)], [undefined, 0]);
  progress.begin(ONE, 1000, false);
  assertEquals(progress.counts.add(LANE, 1), undefined);
});

for (
  const [what, text] of [
    ["cut", '{"version":1,"sess'],
    ["of a newer version", '{"version":2}'],
    [
      "with a wrong position",
      `{"version":1,"session":"${ONE}","position":-1,"ends":[],"counts":[]}`,
    ],
    ["with wrong counts", `{"version":1,"session":"${ONE}","position":1,"ends":[],"counts":[[1]]}`],
  ] as const
) {
  Deno.test(`a file of notes that is ${what} is not used, with a warning`, async () => {
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(`${folder.path}/sent.json`, text);
    const { progress, warnings } = opened(folder.path);
    assertEquals([progress.position(ONE), warnings.length], [undefined, 1]);
    progress.begin(ONE, 48, true);
    progress.flush();
    assertEquals(opened(folder.path).progress.position(ONE), 48);
  });
}

Deno.test("notes that cannot be written are warned of once, and sending goes on", async () => {
  await using folder = await temporaryFolder();
  const { progress, warnings } = opened(`${folder.path}/missing`);
  progress.begin(ONE, 48, true);
  progress.plan([100]);
  progress.flush();
  assertEquals([progress.ends, warnings.length], [[100], 1]);
});
