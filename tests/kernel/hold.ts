/**
 * Holds a group until standard input ends: `hold.ts GROUP`.
 *
 * @module
 */

import { capture } from "nfscribe";

await using _packets = await capture({ group: Number(Deno.args[0]), onWarning: () => {} });
console.log("bound");
for await (const _ of Deno.stdin.readable);
