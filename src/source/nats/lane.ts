/**
 * Names and keys of lanes: messages of one session, host, source and kind, which are numbered together.
 * Rights to publish are given by host, and sessions are no secret: only both together tell whose
 * message it is. Pure.
 */

import { createHash } from "node:crypto";
import type { MessageHead } from "../../nats/format/message.ts";
import type { SubjectParts } from "../../nats/format/subject.ts";
import { LANE_MOST } from "../../record/origin.ts";

/**
 * Returns the name of a lane for others: its subject behind the prefix. Where the subject does not hold
 * the whole name of the source, a hash tells it from others of the host.
 *
 * @param capture Name of the source as its host has it.
 */
export function laneName({ host, source, kind }: SubjectParts, capture: string): string {
  const name = `${host}.${source}.${kind}`;
  const isWhole = capture === source ? capture !== "_" : capture === "";
  if (isWhole && name.length <= LANE_MOST) return name;
  const hash = createHash("sha256").update(capture).digest("base64url");
  return `${name.slice(0, LANE_MOST - hash.length - 1)}#${hash}`;
}

/** Returns the key of a lane, by its name. */
export function laneKey(session: string, name: string): string {
  return `${session} ${name}`;
}

/** Returns the name in a key of a lane. */
export function nameIn(key: string): string {
  return key.slice(key.indexOf(" ") + 1);
}

/** Returns the key of a message, by the key of its lane. */
export function messageKey(lane: string, { from, part }: Pick<MessageHead, "from" | "part">) {
  return `${lane} ${from}:${part}`;
}
