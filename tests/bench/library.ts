/**
 * The benchmark's program without sandbox: `library.ts GROUP FILE`.
 *
 * @module
 */

import { capture, pcapFile } from "nfscribe";

const [group, path] = Deno.args;
await using packets = await capture({ group: Number(group) });
await using file = await pcapFile(path!, { sync: false });
for await (const packet of packets) {
  if (packet.destinationPort === 9) await file.write(packet);
}
