import { assert, assertEquals } from "@std/assert";
import { connectTo } from "../../../src/nats/connect.ts";
import { serversOf } from "../../../src/nats/servers.ts";
import { makeStreams, streamsOf } from "../../../src/nats/stream.ts";
import { statusText } from "../../../src/nats/format/status.ts";
import { statusSubject } from "../../../src/nats/format/subject.ts";
import { noStats } from "../../../src/output/output.ts";
import { followStatus } from "../../../src/source/nats/follow_status.ts";
import { until } from "../../system/process.ts";
import { testUnless } from "../../system/test_unless.ts";
import { NatsServer, noServer } from "./nats_server.ts";

const MISSING = noServer();
const PLAN = {
  ...{ name: "NFSCRIBE", prefix: "nfscribe", replicas: 1 },
  ...{ maxBytes: undefined, maxAgeMs: undefined, duplicateWindowMs: 120_000 },
};
const COUNTERS = {
  sources: { "nflog:1": { received: 90, lost: 10, malformed: 0, foreign: 0 } },
  filter: { passed: 90, dropped: 0, failed: 0, timedOut: 0 },
  outputs: { nats: noStats() },
};

testUnless(
  MISSING,
  "the last status of each host is read, then new ones; hosts cannot speak for others",
  async () => {
    await using server = await NatsServer.start();
    const target = { ...serversOf(server.url), login: { kind: "none" } as const, tls: {} };
    const connection = await connectTo(target, "test");
    await makeStreams(await streamsOf(connection), PLAN);
    const say = (subjectHost: string, host: string, session: string) =>
      connection.publish(
        statusSubject("nfscribe", subjectHost),
        statusText(COUNTERS, { host, session, output: "nats", startedMs: 0, isStopping: false }, 0),
      );
    say("web1", "web1", "old");
    say("web1", "web1", "a");
    say("web2.example", "web2.example", "b");
    await connection.flush();
    const taken: string[] = [];
    const following = followStatus(
      connection,
      { stream: "NFSCRIBE", prefix: "nfscribe" },
      ({ host, session, logged }, timeMs) => {
        assert(Math.abs(Date.now() - timeMs) < 60_000);
        taken.push(`${host} ${session} ${logged}`);
      },
    );
    await until("both are there", () => taken.length === 2);
    assertEquals(taken, ["web1 a 100", "web2.example b 100"]);
    say("web1", "web2.example", "forged");
    connection.publish("nfscribe.web1.nfscribe.status", "no status");
    say("web1", "web1", "c");
    await until("the new one is there", () => taken.length === 3);
    assertEquals(taken[2], "web1 c 100");
    await connection.close();
    await following;
  },
);
