/**
 * The benchmark's program without sandbox: `library.ts GROUP FILE`.
 *
 * @module
 */

import { capture, pcapFile } from "nfscribe";

const [group, path] = Deno.args;
await using packets = await capture({ group: Number(group) });
// Else the last batch would stay unwritten, and count as lost.
Deno.addSignalListener("SIGTERM", () => void packets.close());
await using file = await pcapFile(path!, { sync: false });
for await (const packet of packets) {
  if (packet.destinationPort === 9) await file.write(packet);
}
