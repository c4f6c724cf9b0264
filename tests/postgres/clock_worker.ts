/**
 * The sender's thread with a clock that a test sets, as an administrator or NTP does.
 *
 * @module
 */

declare const self: Worker & { name: string };

const { now } = Date;
let shiftMs = 0;
Date.now = () => now() + shiftMs;
// The shift comes on the channel that has the thread's name, in milliseconds.
new BroadcastChannel(self.name).onmessage = ({ data }) => shiftMs = data;
await import("../../src/output/postgres/sender/worker.ts");
self.postMessage("loaded");

export {};
