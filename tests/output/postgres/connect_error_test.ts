import { assertEquals } from "@std/assert";
import { OutputError } from "nfscribe";
import { ConnectError } from "../../../src/output/server/connect_failure.ts";
import type { Problem } from "../../../src/output/delivery/problem.ts";
import { problemOf } from "../../../src/output/postgres/connect_error.ts";
import type { Connection } from "../../../src/output/postgres/connection.ts";
import { connectionOf } from "../../../src/output/postgres/connection_string.ts";

const WHERE = "postgres://nfscribe@db:5432/packets";
const DB = connectionOf("postgres://nfscribe:hunter%2F2@db/packets", () => undefined);
const SOCKET = connectionOf("postgres://nfscribe@/packets?host=/srv", () => undefined);

/** Returns an error with additional properties. */
function failure(message: string, parts: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), parts);
}

/** Returns an error with a name of Deno's that node's sockets pass on. */
function notCapable(message: string): Error {
  return new Deno.errors.NotCapable(message);
}

function tlsFailure(code: string, message = "x"): ConnectError {
  return new ConnectError("TLS_FAILED", "TLS failed", { cause: failure(message, { code }) });
}

const CASES: readonly [
  name: string,
  error: unknown,
  kind: Problem["kind"],
  text: string,
  connection?: Connection,
][] = [
  [
    "connection refused",
    failure("connect ECONNREFUSED", { code: "ECONNREFUSED" }),
    "away",
    "nothing listens there; is the server running, and on this port?",
  ],
  [
    "a missing socket",
    failure("connect ENOENT", { code: "ENOENT", syscall: "connect" }),
    "away",
    "there is no socket /srv/.s.PGSQL.5432; is the server running?",
    SOCKET,
  ],
  [
    "a socket without a right",
    failure("connect EACCES", { code: "EACCES", syscall: "connect" }),
    "denied",
    "this user may not use /srv/.s.PGSQL.5432; check the rights of the file",
    SOCKET,
  ],
  [
    "a file of the spool that is missing",
    failure("No such file: x", { code: "ENOENT" }),
    "denied",
    "No such file: x",
    SOCKET,
  ],
  [
    "an unknown host",
    failure("getaddrinfo ENOTFOUND db", { code: "ENOTFOUND" }),
    "away",
    'there is no host "db"; check its name, and the name servers',
  ],
  [
    "a timeout of ours",
    new ConnectError("CONNECT_TIMEOUT", "no answer"),
    "away",
    "no answer in time; check the address, and firewalls, or raise connect_timeout",
  ],
  [
    "a reset",
    failure("read ECONNRESET", { code: "ECONNRESET" }),
    "away",
    "the server closed the connection; its log may say why",
  ],
  [
    "a server without TLS",
    new ConnectError("NO_TLS", "x"),
    "denied",
    "the server has no TLS, and sslmode is verify-full; turn it on there (ssl = on), or set sslmode=prefer",
    { ...DB, sslMode: "verify-full" },
  ],
  [
    "an untrusted certificate",
    tlsFailure("DEPTH_ZERO_SELF_SIGNED_CERT"),
    "denied",
    "the server's certificate is not trusted; name the certificate of its authority with sslrootcert",
  ],
  [
    "a certificate of another host",
    tlsFailure("SELF_SIGNED_CERT_IN_CHAIN"),
    "denied",
    "the server's certificate is not trusted; no authority in /ca.crt has signed it",
    { ...DB, sslRootCert: "/ca.crt" },
  ],
  [
    "a certificate for another name",
    tlsFailure("ERR_TLS_CERT_ALTNAME_INVALID", "no match"),
    "denied",
    'the server\'s certificate is not for "db": no match; connect by a name that it has, or set sslmode=verify-ca',
  ],
  [
    "a certificate that has expired",
    tlsFailure("CERT_HAS_EXPIRED", "certificate has expired"),
    "denied",
    "TLS failed: certificate has expired; check certificates and keys",
  ],
  [
    "a server that breaks off while TLS begins",
    tlsFailure("ECONNRESET"),
    "away",
    "while TLS began, the server closed the connection; its log may say why",
  ],
  [
    "a missing right to connect",
    notCapable('Requires net access to "db:5432", run again with the --allow-net flag'),
    "denied",
    "a right is missing; run with --allow-net=db:5432",
  ],
  [
    "a missing right to look up a name",
    failure("getaddrinfo EPERM db", { code: "EPERM", syscall: "getaddrinfo" }),
    "denied",
    "a right is missing; run with --allow-net=db:5432",
  ],
  [
    "a missing right to a Unix socket",
    notCapable(
      'Requires read access to "/srv/.s.PGSQL.5432", run again with the --allow-read flag',
    ),
    "denied",
    "a right is missing; run with --allow-net=unix:/srv/.s.PGSQL.5432 --allow-read=/srv/.s.PGSQL.5432 --allow-write=/srv/.s.PGSQL.5432",
    SOCKET,
  ],
  [
    "a missing right to something else",
    notCapable('Requires write access to "/spool", run again with the --allow-write flag'),
    "denied",
    "a right is missing; run with --allow-write=/spool",
  ],
  [
    "a wrong password",
    failure("password authentication failed", { code: "28P01" }),
    "denied",
    'the server refuses the password of "nfscribe"; set it in the URL, PGPASSWORD or ~/.pgpass',
  ],
  [
    "no password",
    failure("password authentication failed", { code: "28P01" }),
    "denied",
    'the server wants a password of "nfscribe", and there is none; set it in the URL, PGPASSWORD or ~/.pgpass',
    { ...DB, password: undefined },
  ],
  [
    "a missing database",
    failure('database "packets" does not exist', { code: "3D000" }),
    "denied",
    'there is no database "packets"; create it, or name another',
  ],
  [
    "a missing right of the role",
    failure("permission denied for schema public", { code: "42501" }),
    "denied",
    'permission denied for schema public; grant "nfscribe" that right, or name a role that has it',
  ],
  [
    "a missing table",
    failure('relation "packets" does not exist', { code: "42P01" }),
    "denied",
    'relation "packets" does not exist; run nfscribe db init, or set create = true',
  ],
  [
    "a pooler that refuses settings",
    failure("unsupported startup parameter: tcp_user_timeout", { code: "08P01" }),
    "denied",
    "unsupported startup parameter: tcp_user_timeout; a pooler stands between: name it in its ignore_startup_parameters",
  ],
  [
    "a full disk there",
    failure("x", { code: "53100" }),
    "away",
    "the server's disk is full: x; make room there",
  ],
  ["a deadlock", failure("deadlock detected", { code: "40P01" }), "away", "deadlock detected"],
  ["a bad row", failure("invalid byte", { code: "22021" }), "row", "invalid byte"],
  ["a broken constraint", failure("duplicate key", { code: "23505" }), "row", "duplicate key"],
  ["a trigger's no", failure("not today", { code: "P0001" }), "row", "not today"],
  ["an unknown code", failure("odd", { code: "ZZ999" }), "denied", "odd"],
  ["an error without a code", new TypeError("odd"), "denied", "odd"],
  ["what is no error", "odd", "denied", "odd"],
  [
    "a password in a message, in both of its forms",
    failure("hunter/2 or hunter%2F2", { code: "ZZ999" }),
    "denied",
    "*** or ***",
  ],
];

for (const [name, error, kind, text, connection = DB] of CASES) {
  Deno.test(`problemOf() explains ${name}`, () => {
    const problem = problemOf(error, connection, "connect");
    const where = connection === SOCKET ? "postgres://nfscribe@/packets?host=/srv" : WHERE;
    assertEquals(problem.message, `Cannot connect to ${where}: ${text}`);
    assertEquals(problem.kind, kind);
  });
}

Deno.test("problemOf() keeps the code, and names the operation", () => {
  const error = failure("deadlock detected", { code: "40P01" });
  assertEquals(problemOf(error, DB, "write rows"), {
    kind: "away",
    message: `Cannot write rows to ${WHERE}: deadlock detected`,
    code: "40P01",
  });
});

Deno.test("problemOf() leaves the message of an OutputError as it is", () => {
  const error = new OutputError("packets", "Cannot use table packets: it is too old");
  assertEquals(problemOf(error, DB, "connect"), {
    kind: "denied",
    message: "Cannot use table packets: it is too old",
    code: undefined,
  });
});
