/**
 * Opens a spool of each kind, and prints what is found in them and what is said:
 * for tests, in a process with fewer rights.
 *
 * @module
 */

import { Spooler } from "../../src/output/delivery/spooler.ts";
import { DiskQueue } from "../../src/buffer/disk_queue.ts";

const [rows, queue] = Deno.args;
const said: string[] = [];
const warn = (message: string) => void said.push(message);
const spooler = new Spooler(
  {
    folder: rows!,
    limit: 2 ** 30,
    sync: "off",
    whenFull: "drop",
    session: "00000000-0000-4000-8000-000000000003",
  },
  { info: warn, warn },
  () => {},
);
const opened = DiskQueue.open(queue!, 2 ** 30, warn);
console.log(JSON.stringify({
  said,
  sessions: spooler.found.map(({ session }) => session),
  used: spooler.used,
  packets: opened.oldPackets,
}));
spooler.close();
opened[Symbol.dispose]();
