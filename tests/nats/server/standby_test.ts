/**
 * Two central nfscribe with the same consumer, one of which is frozen and wakes up again.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { temporaryFolder, until } from "../../system/process.ts";
import { testUnless } from "../../system/test_unless.ts";
import { Central } from "./central.ts";
import { Hosts } from "./hosts.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { messagesIn } from "./stream_reader.ts";

const LIMIT_MS = 60_000;
const missing = noServer();

testUnless(
  missing,
  "A frozen central nfscribe is replaced, and stands by once it wakes up",
  async () => {
    await using server = await NatsServer.start();
    await using folder = await temporaryFolder();
    await using first = await Central.start(server.url, `${folder.path}/first`);
    await until("the stream", async () => await messagesIn(server.url) !== undefined, LIMIT_MS);
    await using hosts = await Hosts.connect(server.url);
    await hosts.send("fw-a", [0, 1, 2]);
    assertEquals(await first.written(3), [0, 1, 2]);
    await using second = await Central.start(server.url, `${folder.path}/second`);
    await second.untilSaid("stands by");
    await until("all is safe", async () => await messagesIn(server.url) === 0, LIMIT_MS);
    first.signal("SIGSTOP");
    await hosts.send("fw-a", [3, 4]);
    await hosts.send("fw-a", [5, 6]);
    assertEquals(await second.written(4), [3, 4, 5, 6]);
    await second.untilSaid("reads no longer; this nfscribe takes over");
    first.signal("SIGCONT");
    await first.untilSaid("stands by");
    await hosts.send("fw-a", [7]);
    assertEquals(await second.written(5), [3, 4, 5, 6, 7]);
    assertEquals(await first.written(3), [0, 1, 2]);
  },
);
