/**
 * Connections to several hosts.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { needsOf } from "../../src/output/postgres/connection.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster, SUPERUSER } from "./cluster.ts";
import { attempt, to } from "./connect_server.ts";

const MISSING = await noCluster();

/** Starts a peer that treats connections in its own way; returns its place. */
function peer(serve: (connection: Deno.Conn) => void): Disposable & { place: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  let isClosed = false;
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      serve(connection);
    }
  })().catch(() => {});
  return {
    place: `127.0.0.1:${listener.addr.port}`,
    [Symbol.dispose]() {
      if (isClosed) return;
      isClosed = true;
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It was closed before.
        }
      }
    },
  };
}

testUnless(MISSING, "client() tries several hosts in order", async (t) => {
  await using writable = await Cluster.start();
  await using second = await Cluster.start();
  const [good, other] = [writable, second].map(({ port }) => `127.0.0.1:${port}`);
  const url = (places: readonly (string | undefined)[], query = "") =>
    to(`postgres://${SUPERUSER}@${places.join(",")}/postgres?sslmode=disable${query}`);
  const portOf = async (connection: ReturnType<typeof to>) => {
    const sql = client(connection);
    try {
      const [row] = await sql`SELECT inet_server_port() AS port`;
      return row!["port"];
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  using silent = peer(() => {});
  using leaving = peer((connection) => connection.close());
  using closed = peer(() => {});
  closed[Symbol.dispose]();

  await t.step("the first one that answers is used", async () => {
    assertEquals(await portOf(url([good, other])), writable.port);
    assertEquals(await portOf(url([closed.place, good])), writable.port);
    assertEquals(await portOf(url([leaving.place, good])), writable.port);
    assertEquals(await portOf(url([silent.place, good], "&connect_timeout=1")), writable.port);
  });

  await second.sql("ALTER SYSTEM SET default_transaction_read_only = on");
  await second.sql("SELECT pg_reload_conf()");
  await t.step("one that cannot be written to is passed over", async () => {
    assertEquals(await portOf(url([other, good])), writable.port);
    assertEquals(await portOf(url([other, good], "&target_session_attrs=any")), second.port);
    // It is no standby.
    assertEquals(await portOf(url([other, good], "&target_session_attrs=primary")), second.port);
  });
  await t.step("a failure says of each host why", async () => {
    const said = await attempt(url([closed.place, other]));
    assertStringIncludes(
      said,
      `away: Cannot connect to postgres://${SUPERUSER}@${closed.place},${other}/postgres: ` +
        `${closed.place}: nothing listens there; is the server running, and on this port?; ` +
        `${other}: the server's transactions are read-only`,
    );
    assertStringIncludes(
      await attempt(url([other], "&target_session_attrs=read-write")),
      "the server's transactions are read-only",
    );
  });
  await t.step("a wrong password ends the search, as in libpq", async () => {
    await writable.sql("CREATE ROLE guest LOGIN PASSWORD 'x'");
    await Deno.writeTextFile(
      `${writable.folder}/data/pg_hba.conf`,
      "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
    );
    await writable.sql("SELECT pg_reload_conf()");
    const wrong = to(`postgres://guest:wrong@${good},${other}/postgres?sslmode=disable`);
    assertStringIncludes(await attempt(wrong), "denied: Cannot connect to postgres://guest@");
  });
  await t.step("after a failover the other one is used", async () => {
    await second.sql("SET default_transaction_read_only = off; ALTER SYSTEM RESET ALL");
    await second.sql("SELECT pg_reload_conf()");
    await writable.stop();
    assertEquals(await portOf(url([good, other])), second.port);
  });
  await t.step("each host has its permissions", () => {
    assertEquals(needsOf(url(["a:1", "b:2"])).map(({ value }) => value), ["a:1", "b:2"]);
  });
});
