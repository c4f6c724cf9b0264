import { assertEquals, assertStringIncludes } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { testUnless } from "../system/test_unless.ts";
import { attempt, ENCODED, LACKING, startServer, to } from "./connect_server.ts";

/** Results of each user with each mode with a server that has TLS. */
const WITH_TLS: readonly [user: string, parameters: string, outcome: string][] = [
  ["scram", "sslmode=disable", "plain"],
  ["scram", "sslmode=allow", "plain"],
  ["scram", "sslmode=prefer", "TLS"],
  ["scram", "sslmode=require", "TLS"],
  ["scram", "sslmode=verify-ca", "certificate is not trusted; name the certificate"],
  ["scram", "sslmode=verify-full", "certificate is not trusted; name the certificate"],
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
  ["scram", "sslmode=require&channel_binding=require", "TLS"],
  ["scram", "sslmode=prefer&channel_binding=require", "TLS"],
  ["scram", "sslmode=allow&channel_binding=require", "the server does not offer it"],
  ["md5", "sslmode=require&channel_binding=require", "the server does not offer it"],
  ["certified", "sslmode=require&sslcert=CERT&sslkey=KEY&channel_binding=require", "not offer it"],
  ["scram", "sslmode=require&channel_binding=require&password=wrong", "refuses the password"],
  ["stranger", "sslmode=prefer", "add a line to pg_hba.conf there"],
  ["stranger", "sslmode=allow", "no pg_hba.conf entry"],
  ["missing", "sslmode=prefer", 'role "missing" does not exist; create the role'],
];

testUnless(LACKING, "client() uses TLS according to sslmode", async (t) => {
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
});
