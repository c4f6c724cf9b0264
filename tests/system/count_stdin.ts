/**
 * Counts the packets of a capture file on standard input.
 *
 * @module
 */

import { Taker } from "./capture_file.ts";

const taker = await Taker.open({ path: "-" });
await taker.takeUntil(() => false);
const { packets, warnings } = taker.given;
console.log(JSON.stringify([packets.length, warnings]));
