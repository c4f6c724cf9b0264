/**
 * Origin of a datagram that a sender keeps until it is safe here, and may send again: a chunk of a
 * message.
 */

/** Place of a chunk in what a session of its sender has sent. */
export interface ChunkPlace {
  /** Position in the sender's segment log of the frame that the message was made of. */
  readonly from: number;
  /** Number of the message among those of the frame, from 0. */
  readonly part: number;
  /** Number of the chunk in the message, from 0. */
  readonly chunk: number;
}

/**
 * Origin of a datagram. The same records have the same session, lane and place whenever they come, in
 * every version: a reader that cuts messages otherwise than before gives lanes another name.
 */
export interface Origin extends ChunkPlace {
  /** Session of the sender's segment log: a UUID. */
  readonly session: string;
  /**
   * Messages of the session that are numbered together, such as those of one source and kind: at
   * most {@linkcode LANE_MOST} characters of printable ASCII.
   */
  readonly lane: string;
  /**
   * Place of the chunk in front of it in this lane; undefined where that is not known, or may be
   * missing, as in front of the first one that a reader receives.
   */
  readonly previous: ChunkPlace | undefined;
  /** Whether no other chunk of its message follows. */
  readonly isLast: boolean;
}

/** Most characters of a lane. */
export const LANE_MOST = 400;
