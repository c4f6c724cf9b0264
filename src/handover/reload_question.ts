/**
 * Question of `nfscribe check` to the running process: would it take its configuration file as it
 * is now?
 *
 *     check                                   run
 *     ── {"reload": NONCE} ────────────────>  its socket for counters
 *     <─────── connects to @nfscribe-reload-NONCE and sends {"file": PATH, "refusal": TEXT}
 *
 * Only the running process knows its rights, and the parts that a reload would keep. Each side
 * checks the other's credentials, as in a takeover.
 */

import { ownUser, UnixSocket } from "../../ffi/unix_socket.ts";
import { messageOf, NetlinkError } from "../errors.ts";
import { decodeMessage, encodeMessage, isTrusted, MESSAGE_MAX, newNonce } from "./protocol.ts";

/** Time for the running process to answer, in milliseconds. */
const ANSWER_MS = 5000;
/** Format of a nonce. */
const NONCE = /^[0-9a-f]{32}$/;

/** Answer of a running process. */
export interface ReloadAnswer {
  /** Its process id. */
  pid: number;
  /** Its configuration file; an absolute path. */
  file: string;
  /** Reason why it would refuse the file as it is now; undefined if it would take it. */
  refusal: string | undefined;
}

/**
 * Asks the process that listens on a socket for counters.
 *
 * @param statsPath The socket.
 * @param users Users that it may run as, beside root and this process' own.
 * @returns Its answer; undefined if no process listens there, or it does not answer: it is too old,
 * or runs without a file.
 */
export async function askReload(
  statsPath: string,
  users: readonly number[] = [],
): Promise<ReloadAnswer | undefined> {
  await using stats = UnixSocket.open("stream");
  await using listener = UnixSocket.open("packets");
  try {
    stats.connect(statsPath);
    const nonce = newNonce();
    listener.bind(addressOf(nonce));
    listener.listen();
    stats.send(encodeMessage({ reload: nonce }));
    return await answerOf(listener, stats.peer.pid, [ownUser(), ...users]);
  } catch (error) {
    if (error instanceof NetlinkError) return undefined;
    throw error;
  }
}

/** Waits for the answer of a process. */
async function answerOf(
  listener: UnixSocket,
  pid: number,
  users: readonly number[],
): Promise<ReloadAnswer | undefined> {
  const deadlineMs = performance.now() + ANSWER_MS;
  while (await listener.wait(deadlineMs - performance.now())) {
    await using socket = listener.accept();
    if (socket === undefined || socket.peer.pid !== pid || !isTrusted(socket.peer, users)) continue;
    await socket.wait(deadlineMs - performance.now());
    const { file, refusal } = decodeMessage(socket.receive(MESSAGE_MAX)?.bytes ?? NOTHING) ?? {};
    if (typeof file !== "string") return undefined;
    return { pid, file, refusal: typeof refusal === "string" ? refusal : undefined };
  }
  return undefined;
}

const NOTHING = new Uint8Array();

/**
 * Parses a client's line on the socket for counters.
 *
 * @returns Nonce of the question; undefined if it is none.
 */
export function reloadNonce(bytes: Uint8Array): string | undefined {
  const nonce = decodeMessage(bytes)?.reload;
  return typeof nonce === "string" && NONCE.test(nonce) ? nonce : undefined;
}

/**
 * Answers a question.
 *
 * @param nonce Its nonce.
 * @param answer The answer.
 * @param warn Receives a message if it cannot be sent.
 */
export async function answerReload(
  nonce: string,
  { file, refusal }: Omit<ReloadAnswer, "pid">,
  warn: (message: string) => void,
): Promise<void> {
  await using socket = UnixSocket.open("packets");
  try {
    socket.connect(addressOf(nonce));
    if (isTrusted(socket.peer, [ownUser()])) socket.send(encodeMessage({ file, refusal }));
  } catch (error) {
    warn(`Cannot answer nfscribe check: ${messageOf(error)}`);
  }
}

function addressOf(nonce: string): string {
  return `@nfscribe-reload-${nonce}`;
}
