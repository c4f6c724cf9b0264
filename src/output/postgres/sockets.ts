/**
 * Sockets to a server, encrypted as libpq's `sslmode` says (PostgreSQL
 * documentation, "SSL Support" and, for SSLRequest, "Message Flow").
 * Postgres.js would go on without TLS, or wait, where a server offers none.
 *
 * @module
 */

import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { ConnectError } from "./connect_error.ts";
import { type Connection, type SslMode, socketPath } from "./connection.ts";

/** Length 8, code 80877103. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** The server's answer: TLS begins. */
const WILLING = 0x53;
/** The server's answer: no TLS here. */
const UNWILLING = 0x4e;
/** First byte of ErrorResponse and of NoticeResponse. */
const ERROR = 0x45;
const NOTICE = 0x4e;
/** `invalid_authorization_specification` as ErrorResponse has it: pg_hba.conf refuses. */
const REFUSED = "\0C28000\0";

/** Opens the sockets of one client. */
export class Sockets {
  readonly #connection: Connection;
  readonly #tls: ConnectionOptions | undefined;
  /** Whether the next socket is to be encrypted, unlike what the mode tries first. */
  #encrypted: boolean | undefined;

  /** Takes what it needs; nothing is opened. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }
}
