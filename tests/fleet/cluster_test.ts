/**
 * The long proof: `deno task prove:fleet`. Three servers, five senders under a flood, two centres into
 * one PostgreSQL, and all that can happen to them. FLEET_KILLS is the number of kills of each nfscribe.
 *
 * @module
 */

import { assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { until } from "../system/process.ts";
import { Fleet, noFleet, randomly } from "./fleet.ts";
import type { NatsServer } from "./nats_server.ts";
import { untilHealthy } from "./nats_server.ts";
import { type Centre, PORT, type Sender } from "./parts.ts";
import { assertRows, rowsOf } from "./rows.ts";

const WANTED = Deno.env.has("FLEET_KILLS");
const MISSING = WANTED ? await noFleet() : "runs with deno task prove:fleet";
const KILLS = Number(Deno.env.get("FLEET_KILLS") ?? 0);
/** Packets a second of each sender. */
const RATE = Number(Deno.env.get("FLEET_RATE") ?? 2000);
/** Duration of faults, in milliseconds. */
const [STOPPED_MS, CUT_MS] = [30_000, 60_000];
const STREAM = "NFSCRIBE";
/**
 * Most packets between the kernel and the spool of a sender: in the kernel's buffer, in slots, and in
 * the sandbox.
 */
const IN_FLIGHT = 60_000;

Deno.test({
  name: "three servers, five senders, two centres: each packet once, in order, whatever fails" +
    (MISSING === undefined ? "" : ` (${MISSING})`),
  ignore: MISSING !== undefined,
  fn: async (test) => {
    await using fleet = await Fleet.open({ servers: 3, senders: 5, centres: 2 });
    const { cluster, servers, senders, centres } = fleet;

    /** Does something under a flood, and holds the rows to what is promised. */
    const step = (name: string, work: () => Promise<void>, late = 0) =>
      test.step(name, async () => {
        await fleet.under(RATE, work);
        await untilHealthy(servers);
        const settled = await fleet.settle();
        const begun = performance.now();
        await assertRows(cluster, settled, PORT, late);
        const logged = [...settled.values()].reduce((sum, { logged }) => sum + logged, 0);
        const lost = [...settled.values()].reduce((sum, { lost }) => sum + lost, 0);
        const seconds = ((performance.now() - begun) / 1000).toFixed(1);
        console.log(
          `  ${name}: ${logged} logged so far, ${lost} lost; rows there ${seconds} s later`,
        );
      });

    await step("undisturbed", () => delay(5000));

    await step("a server is killed, and comes back", async () => {
      await delay(2000);
      await servers[0]!.kill();
      await delay(5000);
      await servers[0]!.start();
      await delay(2000);
    });

    await step("the leader is stopped for 30 s", async () => {
      const leader = await leaderOf(servers);
      leader.signal("SIGSTOP");
      await delay(STOPPED_MS);
      leader.signal("SIGCONT");
      await delay(2000);
    });

    await step("links of a sender, of a server and of a centre are cut for a minute", async () => {
      const cut = [senders[0]!.host, (await leaderOf(servers)).host, centres[0]!.host];
      for (const host of cut) await host.cut();
      await delay(CUT_MS);
      for (const host of cut) await host.join();
      await delay(2000);
    });

    await step("PostgreSQL crashes twice", async () => {
      for (let time = 0; time < 2; time++) {
        await delay(2000);
        await cluster.stop("immediate");
        await delay(3000);
        await cluster.restart();
      }
    });

    await step(
      `each centre is killed ${KILLS} times while it works, and as it stands by`,
      async () => {
        const kills = new Map(centres.map((centre) => [centre, 0]));
        while ([...kills.values()].some((count) => count < KILLS)) {
          const active = await activeOf(centres);
          await randomly(2000);
          for (const centre of centres) {
            // The other one is killed less often: it takes over.
            if (centre !== active && Math.random() < 0.7) continue;
            await centre.kill();
            kills.set(centre, kills.get(centre)! + 1);
            await randomly(500);
            await centre.start();
          }
        }
      },
      2 * KILLS,
    );

    await test.step(`each sender is killed ${KILLS} times: whatever reached its spool arrives`, async () => {
      const inFlight = (await Promise.all(senders.map((sender) => killed(sender)))).flat();
      let missing = 0;
      await until("the spools are empty", async () => {
        const stats = await Promise.all(senders.map((sender) => sender.counters()));
        return stats.every(({ outputs }) => outputs.nats!.spooled === 0);
      }, 120_000);
      await until("the stream is empty", async () => {
        const stream = await (await leaderOf(servers)).stream(STREAM);
        return stream?.state.messages === 0;
      }, 120_000);
      await until("the spools of centres are empty", async () => {
        const stats = await Promise.all(centres.map((centre) => centre.counters()));
        return stats.every(({ outputs }) => outputs.postgres!.spooled === 0);
      }, 120_000);
      const rows = await rowsOf(cluster);
      for (const { host, port, logged } of inFlight) {
        const found = rows.get(`${host} ${port}`);
        if (found === undefined) {
          missing += logged;
          assertLess(logged, IN_FLIGHT);
          continue;
        }
        assertEquals(
          { ...found, gaps: 0 },
          { rows: found.packets, packets: found.packets, gaps: 0, first: 0, disorder: 0 },
          `${host} ${port}`,
        );
        missing += logged - found.rows;
        assertLess(logged - found.rows, IN_FLIGHT);
      }
      console.log(`  ${missing} packets of ${inFlight.length} lives were on their way to a spool`);
    });

    await test.step("the centre counts each host's records, and none is missing", async () => {
      const stats = await Promise.all(centres.map((centre) => centre.counters()));
      const hosts = stats.flatMap(({ hosts = {} }) => Object.entries(hosts));
      const names = new Set(hosts.map(([name]) => name));
      assertEquals([...names].sort(), senders.map(({ host }) => host.name).sort());
      assertEquals(hosts.filter(([, { missing }]) => missing > 0), []);
    });
  },
});

/** Returns the server that leads the stream. */
async function leaderOf(servers: readonly NatsServer[]): Promise<NatsServer> {
  let leader: NatsServer | undefined;
  await until("the stream has a leader", async () => {
    for (const server of servers) {
      const name = (await server.stream(STREAM))?.cluster?.leader;
      leader = servers.find(({ host }) => host.name === name);
      if (leader !== undefined) return true;
    }
    return false;
  });
  return leader!;
}

/** Returns the centre that receives. */
async function activeOf(centres: readonly Centre[]): Promise<Centre> {
  const receivedBy = async (centre: Centre) =>
    Object.values((await centre.counters()).sources).reduce(
      (sum, { received }) => sum + received,
      0,
    );
  const before = await Promise.all(centres.map(receivedBy));
  let active: Centre | undefined;
  await until("a centre receives", async () => {
    const received = await Promise.all(centres.map(receivedBy));
    active = centres.find((_, index) => received[index]! > before[index]!);
    return active !== undefined;
  });
  return active!;
}

/** Kills a sender again and again; each life has packets to a port of its own. */
async function killed(
  sender: Sender,
): Promise<{ host: string; port: number; logged: number }[]> {
  const lives = [];
  // The kernel numbers the packets of each life from 0.
  await sender.kill();
  await sender.start();
  for (let kill = 0; kill < KILLS; kill++) {
    const port = PORT + 1 + kill;
    const before = await sender.logged();
    const flood = sender.startFlood(RATE, port);
    await randomly(3000);
    await sender.kill();
    // Without a listener the rule counts, and the kernel logs nothing.
    const logged = await sender.logged() - before;
    await flood.stop();
    lives.push({ host: sender.host.name, port, logged });
    await sender.start();
  }
  return lives;
}
