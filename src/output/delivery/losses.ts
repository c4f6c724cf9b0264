/**
 * Losses on their way through the spool: frames of their own between those of rows, so that they
 * arrive in the order of the packets, and once.
 */

import type { RecordKind } from "../../record/kind.ts";
import type { Loss } from "../../record/loss.ts";
import type { Frames } from "./chunks.ts";

/** Tag of a frame with a loss; frames of rows have none. */
export const LOSS_TAG = 1;

/** A loss as its row has it. */
export interface Lost {
  /** Time in microseconds since the Unix epoch. */
  micros: number;
  host: string;
  capture: string;
  /** Run of nfscribe that noticed it: a UUID. */
  session: string;
  packets: number;
  /** Kind of the records; absent where it is not known. */
  kind?: RecordKind;
}

/** Returns the bytes of a loss in a frame. */
export function lossFrame(
  { host, session: from, source, packets, seconds, nanoseconds, kind }: Loss,
  { hostname, session }: { hostname: string; session: string },
): Uint8Array {
  const micros = seconds * 1_000_000 + Math.floor(nanoseconds / 1000);
  const lost: Lost = {
    ...{ micros, host: host || hostname, capture: source, session: from || session, packets },
    ...kind !== undefined && { kind },
  };
  return new TextEncoder().encode(JSON.stringify(lost));
}

/** A batch whose losses are apart. */
export interface SplitBatch {
  /** Frames of rows. */
  frames: Uint8Array[];
  /** Losses, those of a source in the same second as one. */
  losses: Lost[];
  /** Bytes in the place of losses that are none. */
  strange: Uint8Array[];
}

/** Takes the losses out of a batch. */
export function splitLosses({ frames, heads }: Frames): SplitBatch {
  if (heads.every(({ tag }) => tag !== LOSS_TAG)) return { frames, losses: [], strange: [] };
  const split: SplitBatch = { frames: [], losses: [], strange: [] };
  const bySecond = new Map<string, Lost>();
  for (const [index, frame] of frames.entries()) {
    if (heads[index]!.tag !== LOSS_TAG) {
      split.frames.push(frame);
      continue;
    }
    const lost = parseLoss(frame);
    if (lost === undefined) {
      split.strange.push(frame);
      continue;
    }
    const { micros, host, capture, session } = lost;
    const key = JSON.stringify([Math.floor(micros / 1e6), host, capture, session]);
    const known = bySecond.get(key);
    if (known === undefined) bySecond.set(key, lost);
    else known.packets += lost.packets;
  }
  split.losses.push(...bySecond.values());
  return split;
}

/** Returns a loss for a database whose encoding lacks characters: as in rows, these are escaped as `\\xe9`. */
export function inAscii(lost: Lost): Lost {
  return { ...lost, host: escapedBytes(lost.host), capture: escapedBytes(lost.capture) };
}

function escapedBytes(text: string): string {
  return text.replaceAll(
    /\P{ASCII}+/gu,
    (characters) => new TextEncoder().encode(characters).toHex().replaceAll(/../g, "\\x$&"),
  );
}

/** Parses a loss; undefined for bytes that nfscribe has not written. */
export function parseLoss(frame: Uint8Array): Lost | undefined {
  try {
    const { micros, host, capture, session, packets, kind } = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(frame),
    ) as Lost;
    const isRight = [micros, packets].every((value) => Number.isSafeInteger(value) && value >= 0) &&
      [host, capture].every((text) => typeof text === "string" && !text.includes("\0")) &&
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(session) &&
      (kind === undefined || ["packet", "flow", "counter"].includes(kind));
    if (!isRight) return undefined;
    return { micros, host, capture, session, packets, ...kind !== undefined && { kind } };
  } catch {
    return undefined;
  }
}
