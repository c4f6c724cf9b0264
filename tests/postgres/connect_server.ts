/**
 * Servers with and without TLS, and attempts to connect to them.
 *
 * @module
 */

import { assert } from "@std/assert";
import { client } from "../../src/output/postgres/connect.ts";
import { problemOf } from "../../src/output/postgres/connect_error.ts";
import type { Connection } from "../../src/output/postgres/connection.ts";
import { connectionOf } from "../../src/output/postgres/connection_string.ts";
import { hasProgram, must, temporaryFolder } from "../system/process.ts";
import { authority, certificate } from "./certificates.ts";
import { Cluster, noCluster } from "./cluster.ts";

/** Reason why such servers cannot run; undefined if they can. */
export const LACKING: string | undefined = await noCluster() ??
  (hasProgram("openssl") ? undefined : "needs openssl");

/** The password of every user; no message may contain it. */
const PASSWORD = "hunter/2: a%b";
/** The password encoded for URLs. */
export const ENCODED: string = encodeURIComponent(PASSWORD);

/** SQL that creates the users. */
export const CREATE_USERS: string =
  ["scram", "ssl_only", "plain_only", "certified", "stranger", "poor"]
    .map((user) => `CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}';`).join("\n") +
  `SET password_encryption = md5; CREATE ROLE md5 LOGIN PASSWORD '${PASSWORD}'; RESET password_encryption;`;

/** Lines of pg_hba.conf for them. */
export const HBA: readonly string[] = [
  "local    all all        trust",
  "host     all md5        127.0.0.1/32 md5",
  "host     all scram      127.0.0.1/32 scram-sha-256",
  "host     all poor       127.0.0.1/32 scram-sha-256",
  "hostssl  all ssl_only   127.0.0.1/32 scram-sha-256",
  "hostnossl all plain_only 127.0.0.1/32 scram-sha-256",
  "hostssl  all certified  127.0.0.1/32 cert",
  "host     all missing    127.0.0.1/32 trust",
];

/** A server, with its certificates and unrelated ones. */
export interface Server extends AsyncDisposable {
  cluster: Cluster;
  folder: string;
}

/** Starts a server with TLS, whose certificate is for localhost. */
export async function startServer(): Promise<Server> {
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
  return {
    cluster,
    folder,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

/** Asserts that an error does not contain the password, in any of its properties. */
function assertDiscreet(error: unknown, message: string): void {
  const shown = [message, String(error), Deno.inspect(error, { depth: 20, showHidden: true })];
  for (const text of shown) {
    assert(!text.includes(PASSWORD) && !text.includes(ENCODED), "the password is shown");
  }
}

/** Runs statements on a connection. */
export async function attempt(
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

/** Returns a connection from a URL alone. */
export function to(url: string): Connection {
  return connectionOf(url, () => undefined);
}
