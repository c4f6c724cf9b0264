/** Filters of sockets: the kernel queues only datagrams that a BPF program accepts. */

import { encodeProgramHeader } from "../src/bytes/bpf.ts";
import { libc } from "./libc.ts";
import { bufferAddress } from "./message_batch.ts";
import { type NetlinkSocket, SOL_SOCKET, systemCallError } from "./netlink_socket.ts";

/** `SO_ATTACH_FILTER` and `SO_DETACH_FILTER` (asm-generic/socket.h) */
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;

/**
 * Sets the filter of a socket, in place of the one before.
 *
 * @param program Encoded program.
 * @throws {NetlinkError} If the kernel refuses, as where it has no memory for the program.
 */
export function attachFilter(
  { descriptor }: NetlinkSocket,
  program: Uint8Array<ArrayBuffer>,
): void {
  const header = encodeProgramHeader(program, bufferAddress(program));
  const answer = libc().setsockopt(
    descriptor,
    SOL_SOCKET,
    SO_ATTACH_FILTER,
    header,
    header.length,
  );
  if (answer < 0) throw systemCallError("set the filter of a socket");
}

/** Removes the filter of a socket, if it has one. */
export function detachFilter(socket: NetlinkSocket): void {
  // ENOENT: there is none.
  socket.setOption(SOL_SOCKET, SO_DETACH_FILTER, 0);
}
