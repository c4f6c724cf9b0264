import { assertEquals } from "@std/assert";
import { encodeMessage, readMessages } from "../../../src/netlink/message.ts";
import { answerIn, renumbered } from "../../../src/source/accounting/answer.ts";
import { concat } from "../../packet/sample.ts";
import { account } from "./sample.ts";

/** Returns `NLMSG_ERROR` or `NLMSG_DONE` with an error number. */
function end(type: number, errno: number, flags = 2): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(Int32Array.of(-errno).buffer);
  return encodeMessage({ type, flags, sequence: 1, payload });
}

const web = account("web", { packets: 1, bytes: 2 });

Deno.test("An answer tells errors, the end, and interruptions", () => {
  const [ERROR, DONE] = [2, 3];
  const nothing = { errno: 0, isInterrupted: false, isDone: false };
  assertEquals(answerIn(web), nothing);
  assertEquals(answerIn(concat(web, end(DONE, 0))), { ...nothing, isDone: true });
  assertEquals(answerIn(end(DONE, 1)), { ...nothing, isDone: true, errno: 1 });
  assertEquals(answerIn(end(ERROR, 2)), { ...nothing, errno: 2 });
  assertEquals(answerIn(end(ERROR, 0)), nothing);
  assertEquals(answerIn(concat(web, end(DONE, 0, 0x12))), {
    ...{ errno: 0, isInterrupted: true, isDone: true },
  });
});

Deno.test("An answer that is cut, or says another length, is read up to there", () => {
  const whole = concat(web, end(3, 22));
  for (let length = 0; length < whole.length; length++) {
    assertEquals(answerIn(whole.slice(0, length)).errno, 0);
  }
  for (const length of [0, 15, 0xffff_ffff]) {
    const wrong = whole.slice();
    new DataView(wrong.buffer).setUint32(0, length, true);
    assertEquals(answerIn(wrong).isDone, false);
  }
});

Deno.test("All messages get another number", () => {
  const messages = concat(web, web, end(3, 0));
  const sequences = (bytes: Uint8Array) => [...readMessages(bytes)].map(({ sequence }) => sequence);
  assertEquals(sequences(renumbered(messages, 77)), [77, 77, 77]);
  assertEquals(sequences(messages), [7, 7, 1]);
  assertEquals(renumbered(new Uint8Array(17), 1).length, 17);
});
