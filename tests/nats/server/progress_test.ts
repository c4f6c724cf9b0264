import { assertEquals, assertNotEquals } from "@std/assert";
import { LaneCounts } from "../../../src/output/messages/lane_counts.ts";
import { Progress } from "../../../src/output/messages/progress.ts";
import { temporaryFolder } from "../../system/process.ts";

const PLACE = { session: "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11", from: 48, part: 0 };

Deno.test("a spool keeps its secret, so that messages have the same marks when they are sent again", async () => {
  await using folder = await temporaryFolder();
  const warnings: string[] = [];
  const open = () => new Progress(folder.path, (text) => void warnings.push(text));
  const first = open();
  first.begin(PLACE.session, 48, true);
  first.plan([1072]);
  first.arrived(1072, new LaneCounts([], true));
  first.flush();
  const second = open();
  assertEquals(second.secret, first.secret);
  assertEquals(second.position(PLACE.session), 1072);
  // A session that follows has the same.
  second.begin(crypto.randomUUID(), 48, true);
  second.flush();
  assertEquals(open().secret, first.secret);
  await Deno.writeTextFile(`${folder.path}/sent.json`, '{"version":1,"secret":""}');
  assertNotEquals(open().secret, first.secret);
  assertEquals(warnings.length, 1);
});
