/** Authentication header (RFC 4302) and the readable part of ESP (RFC 4303). */

import { AH_HEADER } from "../../packet/ah.ts";
import type { Layer } from "./layer.ts";
import { IPPROTO_NONE, protocol } from "./names.ts";
import { hex, lengthIn } from "./values.ts";

/** Reads an authentication header; returns the protocol after it. */
export function authentication(into: Layer): number {
  let next = IPPROTO_NONE;
  const size = (into.peek(1, 1) + 2) * 4;
  into.part("AH", size < AH_HEADER ? Infinity : size, (header) => {
    const after = header.number("nextHeader", 1, protocol);
    header.number("length", 1, lengthIn(4, 2));
    if (size < AH_HEADER) header.malformed(`a header has at least ${AH_HEADER} bytes`);
    if (!header.isOver) next = after;
    header.number("reserved", 2);
    const spi = header.number("spi", 4, hex(8));
    header.number("sequenceNumber", 4);
    header.rest("integrityCheckValue");
    return `spi ${hex(8)(spi)}`;
  });
  return next;
}

/** Reads the readable part of ESP. */
export function esp(into: Layer): void {
  into.part("ESP", Infinity, (header) => {
    const spi = header.number("spi", 4, hex(8));
    header.number("sequenceNumber", 4);
    return `spi ${hex(8)(spi)}`;
  });
  into.rest("encrypted");
}
