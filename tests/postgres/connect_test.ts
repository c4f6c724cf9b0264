import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { problemOf } from "../../src/output/postgres/connect_error.ts";
import {
  type Connection,
  connectionNeeds,
  connectionOf,
} from "../../src/output/postgres/connection.ts";
import { hasProgram, must, temporaryFolder } from "../system/process.ts";
import { authority, certificate } from "./certificates.ts";
import { Cluster, noCluster, SUPERUSER } from "./cluster.ts";

const LACKING = await noCluster() ?? (hasProgram("openssl") ? undefined : "needs openssl");
const NEEDS = LACKING === undefined ? "" : ` (${LACKING})`;

/** The password of every user; nothing that is said may hold it. */
const PASSWORD = "hunter/2: a%b";
const ENCODED = encodeURIComponent(PASSWORD);

const CREATE_USERS = ["scram", "ssl_only", "plain_only", "certified", "stranger", "poor"]
  .map((user) => `CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}';`).join("\n");

const HBA = [
  "local    all all        trust",
  "host     all md5        127.0.0.1/32 md5",
  "host     all scram      127.0.0.1/32 scram-sha-256",
  "host     all poor       127.0.0.1/32 scram-sha-256",
  "hostssl  all ssl_only   127.0.0.1/32 scram-sha-256",
  "hostnossl all plain_only 127.0.0.1/32 scram-sha-256",
  "hostssl  all certified  127.0.0.1/32 cert",
  "host     all missing    127.0.0.1/32 trust",
];

/** A server, with the certificates that it has and those that it has not. */
interface Server extends AsyncDisposable {
  cluster: Cluster;
  folder: string;
}

/** Starts a server with TLS, whose certificate is for localhost. */
async function startServer(): Promise<Server> {
  const files = await temporaryFolder();
  const folder = files.path;
  const ca = await authority(folder, "ca");
  await authority(folder, "stranger");
  await certificate(folder, ca, "certified");
  const { crt, key } = await certificate(folder, ca, "localhost");
  if (Deno.uid() === 0) await must(["chown", "-R", "nobody", folder]);
  const cluster = await Cluster.start({
    hba: HBA,
    settings: [
      "ssl = on",
      `ssl_cert_file = '${crt}'`,
      `ssl_key_file = '${key}'`,
      `ssl_ca_file = '${ca.crt}'`,
    ],
  });
  await cluster.sql(CREATE_USERS);
  await cluster.sql(`SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD '${PASSWORD}'`);
  return {
    cluster,
    folder,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** Makes sure that an error does not hold the password, however it is looked at. */
function assertDiscreet(error: unknown, message: string): void {
  const shown = [message, String(error), Deno.inspect(error, { depth: 20, showHidden: true })];
  for (const text of shown) {
    assert(!text.includes(PASSWORD) && !text.includes(ENCODED), "the password is shown");
  }
}

/** Does something with a connection. */
async function attempt(
  connection: Connection,
  statement = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
): Promise<string> {
  const sql = client(connection);
  try {
    const [row] = await sql.unsafe(statement);
    assertDiscreet(sql.options, "");
    return row?.["ssl"] === true ? "TLS" : "plain";
  } catch (error) {
    const { kind, message } = problemOf(error, connection, "connect");
    assertDiscreet(error, message);
    return `${kind}: ${message}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A connection from a URL alone. */
function to(url: string): Connection {
  return connectionOf(url, () => undefined);
}

/** What each user gets with each mode from a server that has TLS. */
const WITH_TLS: readonly [user: string, parameters: string, outcome: string][] = [
  ["scram", "sslmode=disable", "plain"],
  ["scram", "sslmode=allow", "plain"],
  ["scram", "sslmode=prefer", "TLS"],
  ["scram", "sslmode=require", "TLS"],
  ["scram", "sslmode=verify-ca", "certificate is not trusted; name the file"],
  ["scram", "sslmode=verify-full", "certificate is not trusted; name the file"],
  ["scram", "sslmode=verify-ca&sslrootcert=CA", "TLS"],
  ["scram", "sslmode=verify-full&sslrootcert=CA", 'certificate is not for "127.0.0.1"'],
  ["scram", "sslmode=verify-full&sslrootcert=CA&host=localhost", "TLS"],
  ["scram", "sslmode=verify-full&sslrootcert=CA&host=localhost&hostaddr=127.0.0.1", "TLS"],
  [
    "scram",
    "sslmode=verify-full&sslrootcert=CA&host=db.example&hostaddr=127.0.0.1",
    'certificate is not for "db.example"',
  ],
  ["scram", "sslmode=verify-full&sslrootcert=STRANGER&host=localhost", "has signed it"],
  ["scram", "sslmode=verify-ca&sslrootcert=STRANGER", "has signed it"],
  ["scram", "sslmode=require&sslrootcert=STRANGER", "has signed it"],
  ["scram", "sslmode=require&sslrootcert=CA", "TLS"],
  ["scram", "sslmode=prefer&sslrootcert=STRANGER", "plain"],
  ["scram", "sslmode=require&sslrootcert=/nowhere", "sslrootcert cannot be read: No such file"],
  ["scram", "sslmode=require&sslrootcert=/etc/passwd", "/etc/passwd holds no certificate"],
  ["md5", "sslmode=disable", "plain"],
  ["md5", "sslmode=require", "TLS"],
  ["ssl_only", "sslmode=disable", "or set sslmode=require if it wants TLS"],
  ["ssl_only", "sslmode=allow", "TLS"],
  ["ssl_only", "sslmode=prefer", "TLS"],
  ["ssl_only", "sslmode=require", "TLS"],
  ["plain_only", "sslmode=disable", "plain"],
  ["plain_only", "sslmode=allow", "plain"],
  ["plain_only", "sslmode=prefer", "plain"],
  ["plain_only", "sslmode=require", "or set sslmode=disable if it wants none"],
  ["certified", "sslmode=require&sslcert=CERT&sslkey=KEY", "TLS"],
  ["certified", "sslmode=require", "or sslcert and sslkey if it wants a certificate"],
  ["stranger", "sslmode=prefer", "add a line to pg_hba.conf there"],
  ["stranger", "sslmode=allow", "no pg_hba.conf entry"],
  ["missing", "sslmode=prefer", 'role "missing" does not exist; create the role'],
];

Deno.test({
  name: `client() uses TLS as sslmode says${NEEDS}`,
  ignore: LACKING !== undefined,
  async fn(t) {
    await using server = await startServer();
    const { cluster: { port }, folder } = server;
    for (const [user, parameters, outcome] of WITH_TLS) {
      await t.step(`${user} with ${parameters}: ${outcome}`, async () => {
        const files = parameters
          .replace("=CA", `=${folder}/ca.crt`)
          .replace("STRANGER", `${folder}/stranger.crt`)
          .replace("CERT", `${folder}/certified.crt`)
          .replace("KEY", `${folder}/certified.key`);
        const url = `postgres://${user}:${ENCODED}@127.0.0.1:${port}/postgres?${files}`;
        assertStringIncludes(await attempt(to(url)), outcome);
      });
    }
    await t.step("a Unix socket is without TLS, whatever sslmode says", async () => {
      const url = `postgres://scram@/postgres?host=${server.cluster.folder}&port=${port}`;
      assertEquals(await attempt(to(`${url}&sslmode=verify-full`)), "plain");
    });
    await t.step("the mode holds when a connection is opened again", async () => {
      const sql = client(to(`postgres://plain_only:${ENCODED}@127.0.0.1:${port}/postgres`));
      for (let i = 0; i < 3; i++) {
        const [row] = await sql`SELECT pg_backend_pid() AS pid`;
        await server.cluster.sql(`SELECT pg_terminate_backend(${row!["pid"]}, 5000)`);
        await sql`SELECT 1`.catch(() => {});
      }
      await sql.end({ timeout: 1 });
    });
  },
});

/** What a server without TLS says. */
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
    'denied: Cannot connect to postgres://scram@HOST/postgres: permission denied for schema public; grant "scram" the right',
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

Deno.test({
  name: `problemOf() explains what a server refuses${NEEDS}`,
  ignore: LACKING !== undefined,
  async fn(t) {
    await using cluster = await Cluster.start({ hba: HBA });
    await cluster.sql(`${CREATE_USERS} ALTER ROLE poor CONNECTION LIMIT 0`);
    await cluster.sql(
      `SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD '${PASSWORD}'`,
    );
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
      while (!said.includes("nobody listens")) said = await attempt(to(url));
      assertStringIncludes(said, "away: ");
    });
  },
});

Deno.test({
  name: `client() opens a connection again that was lost${NEEDS}`,
  ignore: LACKING !== undefined,
  async fn() {
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
  },
});

Deno.test({
  name: `client() sets up its sessions${NEEDS}`,
  ignore: LACKING !== undefined,
  async fn() {
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
  },
});

/** Connects in a thread with these rights. */
async function inWorker(connection: Connection, needs = connectionNeeds(connection)) {
  const values = (name: string) =>
    needs.filter((need) => need.name === name).map(({ value }) => value!);
  const permissions = {
    net: values("net"),
    read: values("read"),
    write: values("write"),
    env: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  };
  const options = { type: "module", deno: { permissions } } as WorkerOptions;
  const worker = new Worker(new URL("./connect_worker.ts", import.meta.url), options);
  const { promise, resolve } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(connection);
  const said = await promise;
  worker.terminate();
  return said;
}

Deno.test({
  name: `client() connects in a thread that may nothing else${NEEDS}`,
  ignore: LACKING !== undefined,
  async fn(t) {
    await using server = await startServer();
    const { cluster, folder } = server;
    const url = `postgres://scram:${ENCODED}@127.0.0.1:${cluster.port}/postgres`;
    const named = url.replace("127.0.0.1", "localhost");
    const socket = `postgres://scram@/postgres?host=${cluster.folder}&port=${cluster.port}`;
    const verified = `${named}?sslmode=verify-full&sslrootcert=${folder}/ca.crt`;
    for (const address of [url, `${url}?sslmode=disable`, named, verified, socket]) {
      await t.step(`with ${connectionNeeds(to(address)).map(({ value }) => value)}`, async () => {
        assertEquals(await inWorker(to(address)), "connected as scram");
      });
    }
    for (
      const [address, flags] of [
        [url, `--allow-net=127.0.0.1:${cluster.port}`],
        [named, `--allow-net=localhost:${cluster.port}`],
        [verified, `--allow-net=localhost:${cluster.port} --allow-read=${folder}/ca.crt`],
        [
          socket,
          ["net=unix:", "read=", "write="].map((right) =>
            `--allow-${right}${cluster.folder}/.s.PGSQL.${cluster.port}`
          ).join(" "),
        ],
      ] as const
    ) {
      await t.step(`without rights: ${flags}`, async () => {
        const said = await inWorker(to(address), []);
        assert(said.endsWith(`: a right is missing; run with ${flags}`), said);
      });
    }
  },
});

/** What listens at a port, and what a client makes of it. */
const STRANGERS: readonly [
  name: string,
  mode: string,
  answer: string | undefined,
  outcome: string,
][] = [
  ["that hangs up at once", "disable", "", "the server closed the connection"],
  ["that hangs up at once", "require", "", "the server closed the connection"],
  ["that speaks HTTP", "require", "HTTP/1.1 400 Bad Request\r\n\r\n", "is no PostgreSQL"],
  ["that adds unencrypted words to its answer", "require", "SE", "is no PostgreSQL"],
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
        // What began to speak goes on in plain words; what says nothing waits for the client to go.
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

Deno.test("problemOf() explains a port where nobody listens, and an unknown host", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const where = `postgres://${SUPERUSER}@127.0.0.1:${port}/d`;
  assertEquals(
    await attempt(to(where)),
    `away: Cannot connect to ${where}: nobody listens there; is the server running, and on this port?`,
  );
  assertStringIncludes(
    await attempt(to("postgres://u@nowhere.invalid/d")),
    'away: Cannot connect to postgres://u@nowhere.invalid:5432/d: there is no host "nowhere.invalid"',
  );
});
