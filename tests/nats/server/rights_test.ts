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
  "A central nfscribe keeps the rights to its quarantine, and tells what it cannot keep",
  async () => {
    await using server = await NatsServer.start();
    await using folder = await temporaryFolder();
    const quarantine = `${folder.path}/refused`;
    const place = `${folder.path}/centre`;
    await using centre = await Central.start(server.url, place, `quarantine = "${quarantine}"`);
    await until("the stream", async () => await messagesIn(server.url) !== undefined, LIMIT_MS);
    await using hosts = await Hosts.connect(server.url);
    await hosts.send("fw-a", [0, 1]);
    await centre.written(2);
    const subject = "nfscribe.fw-a.nflog:1.packet";
    await hosts.putBytes(subject, new Uint8Array(10));
    await centre.untilSaid(`it is in ${quarantine}/quarantine.jsonl`);
    await until("all is done", async () => await messagesIn(server.url) === 0, LIMIT_MS);
    assertEquals((await centre.counters()).problems, undefined);
    await Deno.remove(quarantine, { recursive: true });
    await Deno.writeTextFile(quarantine, "no folder");
    await hosts.putBytes(subject, new Uint8Array(10));
    await centre.untilSaid(`are not kept in ${quarantine}`);
    const { problems, sources } = await centre.counters();
    assertEquals([problems?.length, Object.values(sources)[0]!.foreign], [1, 2]);
  },
);
