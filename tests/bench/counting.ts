/**
 * The benchmark's program that counts packets by their port: `counting.ts GROUP`. On SIGUSR1 it
 * prints their number.
 *
 * @module
 */

import { capture } from "nfscribe";

const perPort = new Map<number | undefined, number>();
Deno.addSignalListener("SIGUSR1", () => {
  console.log([...perPort.values()].reduce((sum, count) => sum + count, 0));
});
await using packets = await capture({ group: Number(Deno.args[0]) });
for await (const { destinationPort } of packets) {
  perPort.set(destinationPort, (perPort.get(destinationPort) ?? 0) + 1);
}
