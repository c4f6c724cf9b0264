import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { problemOf } from "../../src/output/postgres/connect_error.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, SUPERUSER } from "./cluster.ts";
import { attempt, CREATE_USERS, ENCODED, HBA, LACKING, to } from "./connect_server.ts";

/** Results with a server without TLS. */
const WITHOUT_TLS: readonly [name: string, path: string, outcome: string, statement?: string][] = [
  ["disable", "scram:PASSWORD@HOST/postgres?sslmode=disable", "plain"],
  ["allow", "scram:PASSWORD@HOST/postgres?sslmode=allow", "plain"],
  ["prefer", "scram:PASSWORD@HOST/postgres?sslmode=prefer", "plain"],
  [
    "require",
    "scram:PASSWORD@HOST/postgres?sslmode=require",
    "denied: Cannot connect to postgres://scram@HOST/postgres: the server has no TLS, and sslmode is require",
  ],
  ["verify-full", "scram:PASSWORD@HOST/postgres?sslmode=verify-full", "the server has no TLS"],
  [
    "a refusal with allow",
    "missing:PASSWORD@HOST/postgres?sslmode=allow",
    'denied: Cannot connect to postgres://missing@HOST/postgres: role "missing" does not exist',
  ],
  [
    "a wrong password",
    "scram:WRONG@HOST/postgres",
    'denied: Cannot connect to postgres://scram@HOST/postgres: the server refuses the password of "scram"; set it in the URL, PGPASSWORD or ~/.pgpass',
  ],
  ["a wrong password, md5", "md5:WRONG@HOST/postgres", "refuses the password"],
  ["no password", "scram@HOST/postgres", 'wants a password of "scram", and there is none'],
  ["no password, md5", "md5@HOST/postgres", 'wants a password of "md5", and there is none'],
  [
    "a missing database",
    "scram:PASSWORD@HOST/nothing",
    'denied: Cannot connect to postgres://scram@HOST/nothing: there is no database "nothing"',
  ],
  [
    "a missing right",
    "scram:PASSWORD@HOST/postgres",
    'denied: Cannot connect to postgres://scram@HOST/postgres: permission denied for schema public; grant "scram" that right',
    "CREATE TABLE x ()",
  ],
  ["a missing table", "scram:PASSWORD@HOST/postgres", "run nfscribe db init", "TABLE nothing"],
  ["data that is refused", "scram:PASSWORD@HOST/postgres", "row: Cannot", "SELECT 'x'::inet"],
  [
    "too many connections",
    "poor:PASSWORD@HOST/postgres",
    "away: Cannot connect to postgres://poor@HOST/postgres: the server has too many connections",
  ],
];

testUnless(LACKING, "problemOf() explains what a server refuses", async (t) => {
  await using cluster = await Cluster.start({ hba: HBA });
  await cluster.sql(`${CREATE_USERS} ALTER ROLE poor CONNECTION LIMIT 0`);
  const host = `127.0.0.1:${cluster.port}`;
  for (const [name, path, outcome, statement] of WITHOUT_TLS) {
    await t.step(name, async () => {
      const url = path.replace("PASSWORD", ENCODED).replace("HOST", host);
      // A wrong password must not be shown either.
      const said = await attempt(to(`postgres://${url}`), statement);
      assertStringIncludes(said, outcome.replaceAll("HOST", host));
      assert(!said.includes("WRONG"));
    });
  }
  await t.step("a missing socket", async () => {
    const said = await attempt(to("postgres://scram@/postgres?host=/nowhere"));
    assertStringIncludes(
      said,
      "away: Cannot connect to postgres://scram@/postgres?host=/nowhere",
    );
    assertStringIncludes(said, "there is no socket /nowhere/.s.PGSQL.5432");
  });
  await t.step("a server that shuts down, then is away", async () => {
    const url = cluster.url("postgres", "scram").replace("@", `:${ENCODED}@`);
    const holder = client(
      to(`postgres://scram@/postgres?host=${cluster.folder}&port=${cluster.port}`),
    );
    await holder`SELECT 1`;
    const [pid] = (await Deno.readTextFile(`${cluster.folder}/data/postmaster.pid`)).split("\n");
    Deno.kill(Number(pid), "SIGTERM");
    let said = "plain";
    while (said === "plain") said = await attempt(to(url));
    assertStringIncludes(said, "away: ");
    assertStringIncludes(said, "the server takes no connections yet: the database system is");
    await holder.end({ timeout: 1 });
    while (!said.includes("nothing listens")) said = await attempt(to(url));
    assertStringIncludes(said, "away: ");
  });
});

testUnless(LACKING, "client() opens a connection again that was lost", async () => {
  await using cluster = await Cluster.start();
  const connection = to(cluster.url());
  const sql = client(connection);
  await sql`SELECT 1`;
  await cluster.stop("immediate");
  const problems = new Set<string>();
  for (let i = 0; i < 5; i++) {
    const error = await sql`SELECT 1`.then(() => undefined, (error) => error);
    problems.add(problemOf(error, connection, "connect").kind);
  }
  assertEquals([...problems], ["away"]);
  await cluster.restart();
  const [row] = await sql`SELECT 1 AS one`;
  assertEquals(row!["one"], 1);
  await sql.end({ timeout: 1 });
});

testUnless(LACKING, "client() sets up its sessions", async () => {
  await using cluster = await Cluster.start({
    settings: ["datestyle = 'German'", "timezone = 'Asia/Tokyo'"],
  });
  const sql = client(to(cluster.url()));
  const names = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "TimeZone",
    "idle_in_transaction_session_timeout",
    "tcp_keepalives_idle",
    "tcp_user_timeout",
    "search_path",
  ];
  const rows = await sql`SELECT name, setting FROM pg_settings`;
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  assertEquals(names.map((name) => settings.get(name)), [
    "nfscribe",
    "UTF8",
    "ISO, DMY",
    "UTC",
    "30000",
    "30",
    "60000",
    '"$user", public',
  ]);
  await sql.end({ timeout: 1 });
});

/** Servers that are not PostgreSQL, and the errors. */
const STRANGERS: readonly [
  name: string,
  mode: string,
  answer: string | undefined,
  outcome: string,
][] = [
  ["that hangs up at once", "disable", "", "the server closed the connection"],
  ["that hangs up at once", "require", "", "the server closed the connection"],
  ["that speaks HTTP", "require", "HTTP/1.1 400 Bad Request\r\n\r\n", "is not PostgreSQL"],
  ["that adds unencrypted words to its answer", "require", "SE", "is not PostgreSQL"],
  ["that speaks no TLS after all", "require", "S", "denied: "],
  ["that says nothing", "disable", undefined, "no answer in time"],
  ["that says nothing", "prefer", undefined, "no answer in time"],
];

for (const [name, mode, answer, outcome] of STRANGERS) {
  Deno.test(`client() does not wait for a peer ${name} (${mode})`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let peers = 0;
    const serve = async () => {
      for await (const peer of listener) {
        peers++;
        await peer.read(new Uint8Array(1000));
        if (answer !== undefined) await peer.write(new TextEncoder().encode(answer));
        // A server that has sent something stays in plain text; a silent one waits for the client
        // to leave.
        let isOpen = answer !== "";
        while (isOpen) {
          if (answer === "S") await peer.write(new Uint8Array(100)).catch(() => {});
          isOpen = await peer.read(new Uint8Array(1000)).catch(() => null) !== null;
        }
        peer.close();
      }
    };
    const served = serve();
    const url = `postgres://u:${ENCODED}@127.0.0.1:${listener.addr.port}/d`;
    const said = await attempt(to(`${url}?sslmode=${mode}&connect_timeout=1`));
    assertStringIncludes(said, outcome);
    assert(peers <= 2, `${peers} connections`);
    listener.close();
    await served;
  });
}

Deno.test("problemOf() explains a closed port, and an unknown host", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const where = `postgres://${SUPERUSER}@127.0.0.1:${port}/d`;
  assertEquals(
    await attempt(to(where)),
    `away: Cannot connect to ${where}: nothing listens there; is the server running, and on this port?`,
  );
  // Without a network the name servers cannot be asked.
  assertMatch(
    await attempt(to("postgres://u@nowhere.invalid/d")),
    /^away: Cannot .*: (there is no host|the name servers do not answer about) "nowhere\.invalid"/,
  );
});
