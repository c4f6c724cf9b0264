/** The token that opens the page: random, and compared in constant time. */

import { timingSafeEqual } from "node:crypto";
import { InputError, messageOf } from "../../errors.ts";
import { lookAt } from "../../files/place.ts";
import { readText } from "../../files/regular_file.ts";

/** Bytes of randomness. */
const TOKEN_BYTES = 24;
/** Form of a token: base64url (RFC 4648, section 5) of so many bytes. */
const TOKEN = /^[A-Za-z0-9_-]{32}$/;
/** Bits of a mode that let others than the owner read or write. */
const OTHERS = 0o077;

/** Makes a token of 192 random bits. */
export function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({ alphabet: "base64url" });
}

/** Returns whether two texts are the same, in a time that does not tell where they differ. */
export function isSameToken(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => new TextEncoder().encode(text));
  return a!.length === b!.length && timingSafeEqual(a!, b!);
}

/**
 * Reads the token of a file, which is made with a new one where there is none (mode 0600).
 *
 * @throws {InputError} If it cannot be made or read, others may read it or have made it, or it holds no token.
 */
export function tokenOf(path: string): string {
  try {
    const token = makeToken();
    // Never through a link, never over another file.
    using file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
    file.writeSync(new TextEncoder().encode(`${token}\n`));
    return token;
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unusable(path, messageOf(error));
  }
  return readToken(path);
}

function readToken(path: string): string {
  let text: string;
  let mode: number;
  try {
    // Another user who made it knows the token.
    lookAt(path);
    ({ text, mode } = readText(path));
  } catch (error) {
    throw unusable(path, messageOf(error));
  }
  if ((mode & OTHERS) !== 0) {
    throw unusable(path, "others may read it; make it this user's alone: chmod 600");
  }
  const token = text.trim();
  if (!TOKEN.test(token)) {
    throw unusable(path, "it holds no token of nfscribe's; remove it, and a new one is made");
  }
  return token;
}

function unusable(path: string, why: string): InputError {
  return new InputError(path, `Cannot use the token file ${path}: ${why}`);
}
