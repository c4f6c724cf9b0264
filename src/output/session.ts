/** Identifier of a run of nfscribe, in records that may come from several runs. */

let session: string | undefined;

/** Returns the identifier of this run, a UUID (RFC 9562), which is the same for all outputs. */
export function sessionOfRun(): string {
  return session ??= crypto.randomUUID();
}
