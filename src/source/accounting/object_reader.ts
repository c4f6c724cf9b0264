/** Reads accounting objects: sends requests and takes the kernel's answers, which are there at once. */

import { ERRNO, errnoName, errnoText } from "../../../ffi/errno.ts";
import {
  NETLINK_NETFILTER,
  NETLINK_NO_ENOBUFS,
  NetlinkSocket,
  NOTHING_QUEUED,
  SOL_NETLINK,
  systemCallError,
} from "../../../ffi/netlink_socket.ts";
import { readProcFile } from "../../../ffi/proc_file.ts";
import { concat } from "../../bytes/write.ts";
import { NetlinkError } from "../../errors.ts";
import { readMessages } from "../../netlink/message.ts";
import { missingRight } from "../net_admin.ts";
import type { Names } from "./names.ts";
import { answerIn } from "./answer.ts";
import { dumpRequest, isObject, nameIn, type ObjectKind, resetRequest } from "./request.ts";

/** Size of the largest datagram, in bytes: `NLMSG_GOODSIZE` is at most 32 KiB in a dump. */
const DATAGRAM_MAX = 65_536;
/** Dumps that are tried until one is not interrupted. */
const TRIES = 3;
/** Objects of one request; all answers must have room in the socket's buffer. */
const REQUESTED_TOGETHER = 32;

/** Objects of one kind. */
export interface Objects {
  /** Messages with objects, as the kernel sent them. */
  datagrams: Uint8Array<ArrayBuffer>[];
  /** Whether none is missing: objects may be made and removed while they are read. */
  isWhole: boolean;
}

/** Reads objects of the network namespace in which it was opened. */
export class ObjectReader implements AsyncDisposable {
  /** Datagrams that did not come from the kernel and were passed over. */
  foreign = 0;
  readonly #socket: NetlinkSocket;
  readonly #buffer = new Uint8Array(DATAGRAM_MAX);

  private constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  /**
   * Opens a socket in this thread's network namespace.
   *
   * @throws {NetlinkError} If the kernel refuses.
   */
  static open(): ObjectReader {
    const socket = NetlinkSocket.open(NETLINK_NETFILTER);
    if (!socket.setOption(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1)) {
      throw systemCallError("set NETLINK_NO_ENOBUFS");
    }
    socket.bind();
    return new ObjectReader(socket);
  }

  /**
   * Reads all objects of a kind.
   *
   * @param sequence Sequence number that the messages have.
   * @throws {NetlinkError} If the kernel refuses.
   */
  read(kind: ObjectKind, sequence: number): Objects {
    for (let left = TRIES;; left--) {
      const objects = this.#dump(kind, sequence);
      if (objects.isWhole || left === 1) return objects;
    }
  }

  /**
   * Reads objects of a kind and sets each to 0 at once.
   *
   * @param names Names of the objects.
   * @param sequence Sequence number that the messages have.
   * @throws {NetlinkError} If the kernel refuses.
   */
  readAndReset(kind: ObjectKind, names: Names, sequence: number): Objects {
    const { datagrams, isWhole } = this.read(kind, sequence);
    const chosen = datagrams.flatMap((datagram) => [...readMessages(datagram)])
      .filter((message) => {
        if (!isObject(kind, message)) return false;
        const name = nameIn(kind, message);
        return name.length > 0 && names.has(name, 0, name.length);
      });
    const answers: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < chosen.length; at += REQUESTED_TOGETHER) {
      const together = chosen.slice(at, at + REQUESTED_TOGETHER);
      const requests = together.map((message) => resetRequest(kind, message, sequence));
      answers.push(...this.#ask(kind, concat(requests)));
    }
    return { datagrams: answers, isWhole };
  }

  /** Closes the socket. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }

  #dump(kind: ObjectKind, sequence: number): Objects {
    const datagrams = this.#ask(kind, dumpRequest(kind, sequence));
    const answers = datagrams.map(answerIn);
    const isWhole = answers.at(-1)?.isDone === true &&
      answers.every(({ isInterrupted }) => !isInterrupted);
    return { datagrams, isWhole };
  }

  /** Sends requests and returns the answers; that an object has gone meanwhile is none. */
  #ask(kind: ObjectKind, requests: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    // Answers to nothing would stand before those that are asked for.
    while (this.#receive() !== undefined);
    this.#socket.send(requests);
    const answers: Uint8Array<ArrayBuffer>[] = [];
    for (let datagram; (datagram = this.#receive()) !== undefined;) {
      const { errno } = answerIn(datagram);
      if (errno !== 0 && errno !== ERRNO.ENOENT) throw accountingError(kind, errno);
      answers.push(datagram);
    }
    return answers;
  }

  /** Receives a datagram of the kernel; undefined if none is queued. */
  #receive(): Uint8Array<ArrayBuffer> | undefined {
    for (;;) {
      const length = this.#socket.receive(this.#buffer);
      if (length === NOTHING_QUEUED) return undefined;
      // Any process with CAP_NET_ADMIN may send to a netlink socket.
      if (this.#socket.senderPortId !== 0) this.foreign++;
      else return this.#buffer.slice(0, length);
    }
  }
}

/** Words for objects of each kind. */
const KINDS: Readonly<Record<ObjectKind, { what: string; module: string; config: string }>> = {
  nfacct: {
    what: "objects of nfacct",
    module: "nfnetlink_acct",
    config: "CONFIG_NETFILTER_NETLINK_ACCT",
  },
  nft: { what: "named counters of nftables", module: "nf_tables", config: "CONFIG_NF_TABLES" },
};

/** Returns whether an error number says that the kernel has no objects of a kind. */
export function isWithout(errno: number): boolean {
  return errno === ERRNO.EINVAL || errno === ERRNO.EPROTONOSUPPORT;
}

/** Returns the error for objects that the kernel does not let read. */
export function accountingError(kind: ObjectKind, errno: number): NetlinkError {
  const operation = `read ${KINDS[kind].what}`;
  return new NetlinkError(`Cannot ${operation}: ${reasonOf(kind, errno)}`, {
    operation,
    errno,
    code: errnoName(errno),
    origin: "reply",
  });
}

/** Returns why objects cannot be read, and what to do. */
export function reasonOf(kind: ObjectKind, errno: number): string {
  const { module, config } = KINDS[kind];
  if (isWithout(errno)) {
    return `this kernel has no ${module}; load it with \`modprobe ${module}\`, or use a kernel with ${config}`;
  }
  return errno === ERRNO.EPERM ? missingRight(readProcFile("/proc/self/status")) : errnoText(errno);
}
