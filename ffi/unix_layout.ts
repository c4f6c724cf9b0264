/** Encodes C structures of Unix sockets: addresses, and messages with descriptors. */

/** `AF_UNIX` (linux/socket.h) */
export const AF_UNIX = 1;
/** `SOL_SOCKET` (asm-generic/socket.h), of options and of control messages */
const SOL_SOCKET = 1;
/** `SCM_RIGHTS` (linux/socket.h): a control message that carries descriptors */
const SCM_RIGHTS = 1;
/** `SCM_MAX_FD` (net/scm.h): limit of descriptors in a message. */
const DESCRIPTORS_MAX = 253;
/** `sizeof(sun_path)` (linux/un.h), its closing zero included */
const SUN_PATH_SIZE = 108;
/** `sizeof(struct cmsghdr)` (sys/socket.h): `size_t cmsg_len`, `int cmsg_level`, `int cmsg_type` */
const CMSGHDR_SIZE = 16;

/**
 * Encodes a `struct sockaddr_un` (linux/un.h): `u16 sun_family`, the path and a zero byte; for an
 * abstract address (unix(7)) a zero byte and the name.
 *
 * @param address Absolute path, or `@` and a name.
 * @throws {RangeError} If it is too long.
 */
export function sockaddrUn(address: string): Uint8Array<ArrayBuffer> {
  const isAbstract = address.startsWith("@");
  const name = new TextEncoder().encode(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (name.length > SUN_PATH_SIZE) {
    throw new RangeError(
      `Cannot use the Unix socket ${address}: Linux takes ${
        SUN_PATH_SIZE - 1
      } bytes at the most; use a shorter path`,
    );
  }
  const bytes = new Uint8Array(2 + name.length);
  bytes[0] = AF_UNIX;
  bytes.set(name, 2);
  return bytes;
}

/**
 * Returns `CMSG_SPACE(4 * count)` (sys/socket.h): the size of a control message with descriptors.
 */
function controlSize(count: number): number {
  return CMSGHDR_SIZE + ((4 * count + 7) & ~7);
}

/**
 * Encodes a control message (cmsg(3)) that passes descriptors.
 *
 * @returns Control message; empty without descriptors.
 */
export function rightsMessage(descriptors: readonly number[]): Uint8Array<ArrayBuffer> {
  if (descriptors.length === 0) return new Uint8Array(0);
  const view = new DataView(new ArrayBuffer(controlSize(descriptors.length)));
  view.setBigUint64(0, BigInt(CMSGHDR_SIZE + 4 * descriptors.length), true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, SCM_RIGHTS, true);
  descriptors.forEach((fd, index) => view.setInt32(CMSGHDR_SIZE + 4 * index, fd, true));
  return new Uint8Array(view.buffer);
}

/** Returns a buffer for the control messages of one message. */
export function controlRoom(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(controlSize(DESCRIPTORS_MAX));
}

/**
 * Returns the descriptors in control messages of the kernel.
 *
 * @param control Control messages, with the length that the kernel returned.
 */
export function descriptorsIn(control: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  const descriptors: number[] = [];
  for (let at = 0; at + CMSGHDR_SIZE <= control.length;) {
    const length = Number(view.getBigUint64(at, true));
    if (length < CMSGHDR_SIZE) break;
    const isRights = view.getInt32(at + 8, true) === SOL_SOCKET &&
      view.getInt32(at + 12, true) === SCM_RIGHTS;
    const end = Math.min(at + length, control.length);
    for (let fd = at + CMSGHDR_SIZE; isRights && fd + 4 <= end; fd += 4) {
      descriptors.push(view.getInt32(fd, true));
    }
    at += (length + 7) & ~7;
  }
  return descriptors;
}

/** Buffers of a {@linkcode MessageHeader}, which must stay referenced while it is used. */
export interface MessageBuffers {
  /** `msg_name`: the destination; empty on a connected socket. */
  name: Uint8Array<ArrayBuffer>;
  /** `msg_iov`, one part: the message. */
  data: Uint8Array<ArrayBuffer>;
  /** `msg_control`: the control messages. */
  control: Uint8Array<ArrayBuffer>;
}

/**
 * `struct msghdr` (sys/socket.h), 56 bytes: `void *msg_name` at 0, `socklen_t
 * msg_namelen` at 8, `struct iovec *msg_iov` at 16, `size_t msg_iovlen` at 24,
 * `void *msg_control` at 32, `size_t msg_controllen` at 40, `int msg_flags` at 48.
 */
export class MessageHeader {
  readonly #view = new DataView(new ArrayBuffer(56));
  /** `struct iovec` (sys/uio.h): `void *iov_base`, `size_t iov_len` */
  readonly #part = new DataView(new ArrayBuffer(16));
  /** Keeps the buffers alive. */
  readonly #buffers: MessageBuffers;
  /** Encoded structure. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.#view.buffer);

  /**
   * Encodes the structure.
   *
   * @param buffers Buffers that it points to.
   * @param addressOf Returns the address of a buffer.
   */
  constructor(buffers: MessageBuffers, addressOf: (bytes: Uint8Array<ArrayBuffer>) => bigint) {
    this.#buffers = buffers;
    const { name, data, control } = buffers;
    const pointer = (bytes: Uint8Array<ArrayBuffer>) => bytes.length > 0 ? addressOf(bytes) : 0n;
    this.#part.setBigUint64(0, pointer(data), true);
    this.#part.setBigUint64(8, BigInt(data.length), true);
    this.#view.setBigUint64(0, pointer(name), true);
    this.#view.setUint32(8, name.length, true);
    this.#view.setBigUint64(16, addressOf(new Uint8Array(this.#part.buffer)), true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, pointer(control), true);
    this.#view.setBigUint64(40, BigInt(control.length), true);
  }

  /** Received control messages. */
  get control(): Uint8Array<ArrayBuffer> {
    return this.#buffers.control.subarray(0, Number(this.#view.getBigUint64(40, true)));
  }

  /** `msg_flags` of a received message. */
  get flags(): number {
    return this.#view.getInt32(48, true);
  }
}
