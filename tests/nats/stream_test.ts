import { assertEquals, assertThrows } from "@std/assert";
import type { StreamInfo } from "@nats-io/jetstream";
import { covers, requireSubjects, streamCommand, StreamError } from "../../src/nats/stream.ts";

for (
  const [taken, pattern, expected] of [
    ["a.>", "a.*.*.packet", true],
    [">", "a.*", true],
    ["a.*.*.packet", "a.*.*.packet", true],
    ["a.*.*.*", "a.*.*.packet", true],
    ["a.x.*.packet", "a.*.*.packet", false],
    ["a.*.*", "a.*.*.packet", false],
    ["a.*.*.packet", "a.>", false],
    ["a.>", "a", false],
    ["b.>", "a.*", false],
  ] as const
) {
  Deno.test(`${taken} ${expected ? "has" : "has not"} all subjects of ${pattern}`, () => {
    assertEquals(covers(taken, pattern), expected);
  });
}

const infoOf = (subjects: string[]) => ({ config: { name: "S", subjects } }) as StreamInfo;

Deno.test("a stream without some subjects is refused with the command that adds them", () => {
  requireSubjects(infoOf(["x", "nfscribe.>"]), "nfscribe");
  assertThrows(
    () => requireSubjects(infoOf(["nfscribe.*.*.packet"]), "nfscribe"),
    StreamError,
    "does not take nfscribe.*.*.flow, nfscribe.*.*.counter; give it these subjects: " +
      "nats stream edit S --subjects 'nfscribe.*.*.packet,nfscribe.*.*.flow,nfscribe.*.*.counter'",
  );
});

Deno.test("the command that makes the stream has its name, subjects and replicas", () => {
  assertEquals(
    streamCommand({ name: "FW", prefix: "fw", replicas: 3 }),
    "nats stream add FW --subjects 'fw.*.*.packet,fw.*.*.flow,fw.*.*.counter' " +
      "--retention work --discard new --storage file --replicas 3 --dupe-window 2m --defaults",
  );
});
