/** Tells which of many readers have something to receive, with one question to the kernel. */

import { PollFds } from "../../ffi/layout.ts";
import { libc } from "../../ffi/libc.ts";
import type { Reader } from "./source.ts";

/** Place of a reader whose descriptor is not asked for: poll(2) passes over negative ones. */
const NOT_ASKED = -1;

/**
 * Returns the readers that may have something to receive, of those of some sources: it costs more
 * to ask hundreds of sockets one by one, most of which have nothing.
 *
 * @param sources Sources with their readers.
 * @returns Indexes of sources, in their order.
 */
export function readySources(sources: readonly { readonly reader: Reader }[]): number[] {
  const descriptors = sources.map(({ reader }) => reader.awaitedDescriptor ?? NOT_ASKED);
  const fds = new PollFds(descriptors);
  if (descriptors.some((descriptor) => descriptor !== NOT_ASKED)) {
    libc().pollHere(fds.bytes, BigInt(fds.count), 0);
  }
  const ready: number[] = [];
  for (let index = 0; index < sources.length; index++) {
    if (descriptors[index] === NOT_ASKED || fds.ready(index)) ready.push(index);
  }
  return ready;
}
