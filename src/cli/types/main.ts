/**
 * The entry of a process that checks the types of a script for one that may not do so any
 * more, and prints what it has found as JSON.
 */

import { messageOf } from "../../errors.ts";
import { endWithAsker, type TypeAnswer } from "../../daemon/pool/type_check.ts";
import { checkTypes } from "../type_check.ts";

/** Time to wait for room, in milliseconds. */
const WAIT_MS = 5;

/** Checks a script. */
async function answerFor(script: string): Promise<TypeAnswer> {
  const report = await checkTypes(script);
  if (report === undefined) return { failure: "Deno may not run here" };
  const { files, problems, failure } = report;
  if (failure !== undefined) return { failure };
  return { requests: files.requests, digests: [...await files.digests()], problems };
}

endWithAsker();
let answer: TypeAnswer;
try {
  answer = await answerFor(Deno.args[0]!);
} catch (error) {
  answer = { failure: messageOf(error) };
}
const bytes = new TextEncoder().encode(JSON.stringify(answer));
for (let at = 0; at < bytes.length;) {
  try {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  } catch (error) {
    // The pipe is full, and does not block.
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}
// The wait for the end of the process that asked goes on.
Deno.exit();
