/**
 * Starts a program with a listening socket, as a service manager does (sd_listen_fds(3)).
 *
 * @module
 */

import { libc, openSymbols } from "../../ffi/libc.ts";
import { systemCallError } from "../../ffi/netlink_socket.ts";
import { ChildProcess } from "../../ffi/spawn.ts";

const SYMBOLS = {
  /** `int listen(int sockfd, int backlog)` (sys/socket.h) */
  listen: { parameters: ["i32", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `AF_INET` (linux/socket.h) */
const AF_INET = 2;
/** `SOCK_STREAM | SOCK_CLOEXEC` (linux/net.h) */
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
/** `O_WRONLY | O_CREAT | O_CLOEXEC` (asm-generic/fcntl.h) */
const TO_WRITE = 1 | 0o100 | 0o2000000;

/**
 * Starts a shell command that has a socket of 127.0.0.1 as descriptor 3.
 *
 * @param output File for both of its outputs.
 */
export function startWithSocket(
  command: string,
  port: number,
  env: Record<string, string>,
  output: string,
): ChildProcess {
  const c = libc();
  const socket = c.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
  const address = new DataView(new ArrayBuffer(16));
  address.setUint16(0, AF_INET, true);
  address.setUint16(2, port);
  [127, 0, 0, 1].forEach((byte, index) => address.setUint8(4 + index, byte));
  const bytes = new Uint8Array(address.buffer);
  if (c.bind(socket, bytes, bytes.length) < 0) throw systemCallError(`bind port ${port}`);
  if (openSymbols(SYMBOLS).listen(socket, 16) < 0) throw systemCallError(`listen on port ${port}`);
  const file = c.open(new TextEncoder().encode(`${output}\0`), TO_WRITE);
  if (file < 0) throw systemCallError(`open ${output}`);
  try {
    return new ChildProcess({
      path: "/bin/sh",
      args: ["sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec ${command}`],
      env,
      descriptors: [file, file, file, socket],
    });
  } finally {
    c.close(socket);
    c.close(file);
  }
}
