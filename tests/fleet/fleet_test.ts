import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { until } from "../system/process.ts";
import { Fleet, noFleet } from "./fleet.ts";
import { PORT } from "./parts.ts";
import { assertRows, rowsOf } from "./rows.ts";

const MISSING = await noFleet();
const NEEDS = MISSING === undefined ? "" : ` (${MISSING})`;

/** Packets a second of each sender. */
const RATE = 3000;

Deno.test({
  name: `a server, a centre and a sender killed under a flood: each packet once, in order${NEEDS}`,
  ignore: MISSING !== undefined,
  fn: async () => {
    await using fleet = await Fleet.open({ servers: 1, senders: 1, centres: 1 });
    const [server, sender, centre] = [fleet.servers[0]!, fleet.senders[0]!, fleet.centres[0]!];
    await fleet.under(RATE, async () => {
      await delay(500);
      await server.kill();
      await server.start();
      await delay(500);
      await centre.kill();
      await centre.start();
      await delay(500);
    });
    await assertRows(fleet.cluster, await fleet.settle(), PORT);

    // A killed sender loses no more than it had not written to its spool.
    const first = await sender.logged();
    const flood = sender.startFlood(RATE, PORT + 1);
    await until("packets are logged", async () => await sender.logged() > first + 1000);
    await sender.kill();
    await flood.stop();
    await sender.start();
    await sender.flood(1000, PORT + 2, RATE);
    const { host: { name } } = sender;
    await assertRows(fleet.cluster, new Map([[name, { logged: 1000, lost: 0 }]]), PORT + 2);
    const { rows, ...found } = (await rowsOf(fleet.cluster)).get(`${name} ${PORT + 1}`)!;
    assertEquals(found, { packets: rows, gaps: 0, first, disorder: 0 });

    // The centre knows what the host says of itself, and what has arrived since it was started.
    await until("the host has said it", async () => {
      const { sent, received } = (await centre.counters()).hosts![name]!;
      return sent >= 1000 && received >= 1000;
    });
    const { hosts } = await centre.counters();
    assertEquals(Object.keys(hosts!), [name]);
    assertEquals(hosts![name]!.missing, 0);
    assertEquals(await centre.page("/healthz"), "ok\n");
    await sender.kill();
    await until("the silence is logged", () => centre.said.includes("A host is silent"));
    assertMatch(await centre.page("/healthz"), /^ok\nA host is silent for 3 s: web1\n$/);
    assertStringIncludes(await centre.page("/metrics"), "nfscribe_silent_hosts 1\n");
  },
});
