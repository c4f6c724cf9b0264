/** TLS as libpq's `sslmode` has it (PostgreSQL documentation, "SSL Support"). */

import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { readText } from "../../files/regular_file.ts";
import { ConnectError } from "./connect_failure.ts";
import type { ServerConnection } from "./connection.ts";

/**
 * Returns options for TLS. The files are read for each connection, so that renewed certificates are
 * used.
 *
 * @throws {ConnectError} If a file cannot be read, or lacks the expected contents.
 */
export function tlsOptions(connection: ServerConnection): ConnectionOptions {
  const { host, sslMode, sslRootCert, sslCert, sslKey } = connection;
  const options: ConnectionOptions = { host, minVersion: "TLSv1.2" };
  // An address cannot be a server name (RFC 6066 section 3).
  if (isIP(host) === 0) options.servername = host;
  if (sslRootCert !== undefined) options.ca = [pem(sslRootCert, "sslrootcert", "CERTIFICATE")];
  if (sslCert !== undefined) options.cert = pem(sslCert, "sslcert", "CERTIFICATE");
  if (sslKey !== undefined) options.key = pem(sslKey, "sslkey", "PRIVATE KEY");
  if (sslMode === "verify-full") return options;
  // As in libpq, a file of trusted certificates is used in every mode.
  if (sslMode === "verify-ca" || sslRootCert !== undefined) {
    return { ...options, checkServerIdentity: () => undefined };
  }
  return { ...options, rejectUnauthorized: false };
}

function pem(path: string, option: string, holds: string): string {
  let text: string;
  try {
    text = readText(path).text;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectError("CERTIFICATE_FILE", `${option} cannot be read: ${why}`, { cause });
  }
  if (text.includes("-----BEGIN ENCRYPTED ")) {
    throw new ConnectError(
      "CERTIFICATE_FILE",
      `${option} ${path} needs a passphrase, which nfscribe cannot ask for; store the key without one`,
    );
  }
  if (new RegExp(`-----BEGIN [A-Z ]*${holds}-----`).test(text)) return text;
  throw new ConnectError(
    "CERTIFICATE_FILE",
    `${option} ${path} holds no ${holds.toLowerCase()} in PEM format`,
  );
}
