/** The hash of a certificate's signature, which channel binding takes (RFC 5929 section 4.1). Pure. */

import { ConnectError } from "../server/connect_failure.ts";

/** Tags of DER (ITU-T X.690). */
const [SEQUENCE, OBJECT_IDENTIFIER] = [0x30, 0x06];

/** Hashes by the contents of the signature's object identifier (RFC 8017, RFC 5758). */
const HASHES: Readonly<Record<string, string>> = {
  // MD5 and SHA-1 are replaced by SHA-256.
  "2a864886f70d010104": "sha256",
  "2a864886f70d010105": "sha256",
  "2a8648ce3d0401": "sha256",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
};

/**
 * Returns the name of the hash.
 *
 * @param certificate An X.509 certificate in DER format.
 * @throws {ConnectError} If its signature has another one, or none.
 */
export function signatureHash(certificate: Uint8Array): string {
  const whole = element(certificate, SEQUENCE);
  const signed = whole && element(whole.contents, SEQUENCE);
  const algorithm = signed && element(signed.rest, SEQUENCE);
  const identifier = algorithm && element(algorithm.contents, OBJECT_IDENTIFIER);
  const hash = identifier && HASHES[identifier.contents.toHex()];
  if (hash !== undefined) return hash;
  throw new ConnectError(
    "NO_BINDING",
    "the signature of the server's certificate has no hash that channel binding knows; " +
      "give it one with RSA or ECDSA, or set channel_binding=prefer",
  );
}

/** Returns the contents of the first element and the bytes behind it; undefined if it is none. */
function element(
  bytes: Uint8Array,
  tag: number,
): { contents: Uint8Array; rest: Uint8Array } | undefined {
  if (bytes.length < 2 || bytes[0] !== tag) return undefined;
  let length = bytes[1]!;
  let start = 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count > 3) return undefined;
    start += count;
    length = bytes.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  }
  const end = start + length;
  return end > bytes.length ? undefined : {
    contents: bytes.subarray(start, end),
    rest: bytes.subarray(end),
  };
}
