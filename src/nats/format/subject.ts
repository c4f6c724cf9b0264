/** Subjects of messages: `PREFIX.HOST.SOURCE.KIND`. */

import type { RecordKind } from "../../record/kind.ts";

/** Name of the stream, and prefix of subjects, where the configuration names none. */
export const STREAM = "NFSCRIBE";
export const PREFIX = "nfscribe";

/** Kind of a message: that of its records, or the sender's status. */
export type MessageKind = RecordKind | "status";

/** Kinds of message. */
export const MESSAGE_KINDS: readonly MessageKind[] = ["packet", "flow", "counter", "status"];

/** Source of status messages in their subjects: the sender itself. */
export const STATUS_SOURCE = "nfscribe";

/** Most characters of a token made of a name. */
const TOKEN_MOST = 255;

/** A subject's parts. */
export interface SubjectParts {
  /** Tokens; the names they were made of are in the headers. */
  host: string;
  source: string;
  kind: MessageKind;
}

/**
 * Returns a name as a token of a subject: characters that a token cannot hold become `_`, so does a
 * name that is empty.
 *
 * @example A host's name
 * ```ts
 * import { tokenOf } from "./subject.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tokenOf("fw1.example"), "fw1_example");
 * ```
 */
export function tokenOf(name: string): string {
  const token = name.replaceAll(/[^!-~]|[.*>]/gu, "_");
  return token === "" ? "_" : token.slice(0, TOKEN_MOST);
}

/**
 * Returns the subject of messages.
 *
 * @param prefix First tokens.
 * @param host The sender's host.
 * @param source Name of the source; empty if there is only one.
 */
export function subjectOf(prefix: string, host: string, source: string, kind: MessageKind): string {
  return `${prefix}.${tokenOf(host)}.${tokenOf(source)}.${kind}`;
}

/** Returns the subject of a host's status. */
export function statusSubject(prefix: string, host: string): string {
  return subjectOf(prefix, host, STATUS_SOURCE, "status");
}

/** Returns the subjects of messages of a kind, of every host, as streams and consumers have them. */
export function subjectsOfKind(prefix: string, kind: MessageKind): string {
  return `${prefix}.*.*.${kind}`;
}

/** Returns the name of the stream with the senders' last status, beside that of records. */
export function statusStream(stream: string): string {
  return `${stream}_STATUS`;
}

/** Returns the name of the stream with the leases of a stream's consumers. */
export function leaseStream(stream: string): string {
  return `${stream}_LEASE`;
}

/** Returns the subject of a consumer's lease. */
export function leaseSubject(prefix: string, stream: string, consumer: string): string {
  return `${prefix}_lease.${stream}.${consumer}`;
}

/** Parses a subject; undefined for one that no message of nfscribe has. */
export function parseSubject(prefix: string, subject: string): SubjectParts | undefined {
  if (!subject.startsWith(`${prefix}.`)) return undefined;
  const [host, source, kind, ...rest] = subject.slice(prefix.length + 1).split(".");
  const isRight = host && source && rest.length === 0 && isKind(kind);
  return isRight ? { host, source, kind } : undefined;
}

/**
 * Returns what is wrong with a prefix of subjects; undefined if nothing is.
 *
 * @see NATS documentation, "Subject-Based Messaging"
 */
export function prefixProblem(prefix: string): string | undefined {
  if (/^[\w-]+(\.[\w-]+)*$/.test(prefix) && prefix.length <= TOKEN_MOST) return undefined;
  return 'must be tokens of letters, digits, - and _ with dots in between, as in "nfscribe"';
}

function isKind(kind: string | undefined): kind is MessageKind {
  return (MESSAGE_KINDS as readonly unknown[]).includes(kind);
}
