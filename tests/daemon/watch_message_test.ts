import { assertEquals } from "@std/assert";
import {
  COUNTS,
  HEADER_SIZE,
  messageKind,
  messageText,
  NAMES,
  textMessage,
  watchNonce,
} from "../../src/handover/watch_message.ts";
import { sources } from "../../src/source/sources.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("A request to watch has a nonce, and other lines are none", () => {
  const nonce = "0123456789abcdef".repeat(2);
  assertEquals(watchNonce(encode(`{"watch":"${nonce}"}\n`)), nonce);
  for (const line of ['{"watch":"../x"}', `{"reload":"${nonce}"}`, '{"watch":1}', "[]", "x", ""]) {
    assertEquals(watchNonce(encode(line)), undefined, line);
  }
});

Deno.test("A message has its kind, source and text", () => {
  const names = { isFirst: true, names: [[2, "eth0"]] as [number, string][] };
  const message = textMessage(NAMES, names, 3);
  assertEquals([messageKind(message), new Uint32Array(message.buffer, 0, 4)[1]], [NAMES, 3]);
  assertEquals(messageText(message), names);
  const counts = textMessage(COUNTS, { omitted: 1, lost: 2, malformed: 0, foreign: 0 });
  assertEquals(messageKind(counts), COUNTS);
  assertEquals(messageText(counts.subarray(0, HEADER_SIZE + 3)), undefined, "a text that is cut");
});

Deno.test("Of flows that are asked for no part is watched: what it lacks has not ended", () => {
  const { sampled } = sources.conntrack!;
  assertEquals(sampled!({ events: ["new"], reconcile: true }), {
    events: ["new"],
    reconcile: false,
  });
  assertEquals(sampled!({ events: ["new"], pollSeconds: 10 }), undefined);
});
