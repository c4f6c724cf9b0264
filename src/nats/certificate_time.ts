/**
 * Tells a server's certificate that is out of its time from one of an unknown authority: node:tls of
 * Deno has the same error for both, its own TLS has not.
 */

import type { Server } from "./servers.ts";
import type { NatsTarget } from "./target.ts";

/** Time for a look at the certificate, in milliseconds. */
const LOOK_MS = 5000;

/** Error of a certificate that has expired, or is not valid yet. */
export class CertificateTimeError extends Error {
  override readonly name = "CertificateTimeError";
}

/** Returns whether an error of node:tls may be that of a certificate out of its time. */
export function mayBeOutOfTime(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/.test(`${error.code}`);
}

/** Connects once more, and returns the error of a certificate that is out of its time; else undefined. */
export async function findTimeError(
  { host, port }: Server,
  { tls }: Pick<NatsTarget, "tls">,
): Promise<CertificateTimeError | undefined> {
  let connection: Deno.TcpConn | undefined;
  const limit = setTimeout(() => connection?.close(), LOOK_MS);
  try {
    connection = await Deno.connect({ hostname: host, port });
    // The server begins with a line in clear text.
    await connection.read(new Uint8Array(64 * 1024));
    const caCerts = tls.ca === undefined ? [] : [`${tls.ca}`];
    const secure = await Deno.startTls(connection, { hostname: host, caCerts });
    connection = secure as unknown as Deno.TcpConn;
    await secure.handshake();
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    const today = new Date().toISOString().slice(0, 10);
    const advice = `renew it there, or set this host's clock, by which it is ${today}`;
    if (/NotValidYet/i.test(said) || /not valid yet/i.test(said)) {
      return new CertificateTimeError(`the server's certificate is not valid yet; ${advice}`);
    }
    if (/expired/i.test(said)) {
      return new CertificateTimeError(`the server's certificate has expired; ${advice}`);
    }
  } finally {
    clearTimeout(limit);
    try {
      connection?.close();
    } catch {
      // It has ended.
    }
  }
  return undefined;
}
