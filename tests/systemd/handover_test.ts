import { assertEquals, assertNotEquals } from "@std/assert";
import {
  decodeMessage,
  encodeMessage,
  isTrusted,
  newNonce,
  takeoverNonce,
  takeoverRequest,
} from "../../src/handover/protocol.ts";

Deno.test("takeoverNonce() returns the nonce of a request, and none of other lines", () => {
  const word = newNonce();
  assertNotEquals(newNonce(), word);
  assertEquals(takeoverNonce(takeoverRequest(word)), word);
  for (
    const text of [
      "",
      "GET / HTTP/1.1\r\n",
      "null\n",
      "{}\n",
      '{"takeover":1}\n',
      '{"takeover":"/etc/passwd"}\n',
      `{"takeover":"${word}00"}\n`,
    ]
  ) {
    assertEquals(takeoverNonce(new TextEncoder().encode(text)), undefined);
  }
});

Deno.test("decodeMessage() reads what encodeMessage() wrote, and nothing of garbage", () => {
  assertEquals(decodeMessage(encodeMessage({ go: true })), { go: true });
  for (const bytes of [[], [0xff], [0x31], [0x6e, 0x75, 0x6c, 0x6c]]) {
    assertEquals(decodeMessage(new Uint8Array(bytes)), undefined);
  }
});

Deno.test("isTrusted() trusts root and the users that are named", () => {
  const peer = (uid: number) => ({ pid: 1, uid, gid: uid });
  assertEquals([0, 1000, 1001].map((uid) => isTrusted(peer(uid), [1000])), [true, true, false]);
});
