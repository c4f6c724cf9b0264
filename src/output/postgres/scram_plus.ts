/**
 * Logs in by SCRAM-SHA-256-PLUS, which Postgres.js lacks: it proves that the TLS connection ends at
 * the server that knows the password (RFC 5802, RFC 7677; `tls-server-end-point` of RFC 5929).
 */

import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { concat } from "../../bytes/write.ts";
import { ConnectError } from "../server/connect_failure.ts";
import { signatureHash } from "./certificate_hash.ts";

/** Name of the mechanism (PostgreSQL documentation, "SASL Authentication"). */
export const MECHANISM = "SCRAM-SHA-256-PLUS";
const GS2_HEADER = "p=tls-server-end-point,,";
/** SASLInitialResponse and SASLResponse begin with it. */
const PASSWORD_MESSAGE = 0x70;
const KEY_LENGTH = 32;

/** One login. */
export class ScramPlus {
  readonly #password: string;
  readonly #binding: string;
  readonly #nonce = randomBytes(18).toString("base64");
  #signature: Buffer | undefined;
  #isProven = false;

  /**
   * Prepares a login.
   *
   * @param password The password; it is not kept longer than the login.
   * @param certificate The server's certificate in DER format.
   * @throws {ConnectError} If its signature has no hash to bind to.
   */
  constructor(password: string, certificate: Uint8Array) {
    this.#password = password;
    const hash = createHash(signatureHash(certificate)).update(certificate).digest();
    this.#binding = Buffer.concat([Buffer.from(GS2_HEADER), hash]).toString("base64");
  }

  /** Whether the server has proven that it knows the password. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** Returns the message that begins the login. */
  begin(): Uint8Array {
    const first = Buffer.from(`${GS2_HEADER}${this.#clientFirst}`);
    const length = Buffer.alloc(4);
    length.writeInt32BE(first.length);
    return message([Buffer.from(`${MECHANISM}\0`), length, first]);
  }

  /**
   * Answers the server's challenge.
   *
   * @param challenge Text of AuthenticationSASLContinue, checked before.
   * @throws {ConnectError} If its nonce is not an answer to this login.
   */
  answer(challenge: string): Uint8Array {
    const [, nonce = "", salt = "", iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge) ??
      [];
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) {
      throw new ConnectError("BAD_MESSAGE", "its part of the login (SCRAM) is invalid");
    }
    const withoutProof = `c=${this.#binding},r=${nonce}`;
    const transcript = `${this.#clientFirst},${challenge},${withoutProof}`;
    const key = pbkdf2Sync(
      this.#password,
      Buffer.from(salt, "base64"),
      Number(iterations),
      KEY_LENGTH,
      "sha256",
    );
    const clientKey = hmac(key, "Client Key");
    const signature = hmac(createHash("sha256").update(clientKey).digest(), transcript);
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
    this.#signature = hmac(hmac(key, "Server Key"), transcript);
    return message([Buffer.from(`${withoutProof},p=${proof.toString("base64")}`)]);
  }

  /**
   * Checks the server's signature.
   *
   * @param final Text of AuthenticationSASLFinal.
   * @throws {ConnectError} If it is not that of a server that knows the password.
   */
  finish(final: string): void {
    const said = Buffer.from(/^v=([^,]+)/.exec(final)?.[1] ?? "", "base64");
    const expected = this.#signature;
    if (expected?.length !== said.length || !timingSafeEqual(expected, said)) {
      throw new ConnectError("NO_BINDING", "the server does not know the password itself");
    }
    this.#isProven = true;
  }

  get #clientFirst(): string {
    return `n=,r=${this.#nonce}`;
  }
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function message(parts: readonly Uint8Array[]): Uint8Array {
  const body = concat([...parts]);
  const head = new Uint8Array(5);
  head[0] = PASSWORD_MESSAGE;
  new DataView(head.buffer).setInt32(1, 4 + body.length);
  return concat([head, body]);
}
