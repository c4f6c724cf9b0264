/** Conditions about addresses of IP and ARP. */

import { readBe32 } from "../../../bytes/memory.ts";
import type { Condition } from "../syntax.ts";
import { type Frame, NETWORK_CODES, NetworkCode, type Test } from "./frame.ts";

/** Offsets of the sender's and the receiver's address, in ARP those of Ethernet and IPv4. */
const OFFSETS: Readonly<Record<number, readonly [source: number, destination: number]>> = {
  [NetworkCode.IPV4]: [12, 16],
  [NetworkCode.ARP]: [14, 24],
  [NetworkCode.RARP]: [14, 24],
  [NetworkCode.IPV6]: [8, 24],
};

/** Compiles a condition about an address or a network. */
export function addressTest(
  { network, direction, words, mask }: Extract<Condition, { kind: "address" }>,
  frame: Frame,
): Test {
  const isIpv6 = words.length === 4;
  const only = network === undefined ? undefined : NETWORK_CODES[network];
  const holds = isIpv6 ? sixTest(words, mask, frame) : fourTest(words[0]!, mask[0]!, frame);
  return () => {
    const { network: code, at } = frame;
    if (only !== undefined ? code !== only : (code === NetworkCode.IPV6) !== isIpv6) return false;
    const offsets = OFFSETS[code];
    if (offsets === undefined) return false;
    switch (direction) {
      case "source":
        return holds(at + offsets[0]);
      case "destination":
        return holds(at + offsets[1]);
      case "either":
        return holds(at + offsets[0]) || holds(at + offsets[1]);
      case "both":
        return holds(at + offsets[0]) && holds(at + offsets[1]);
    }
  };
}

function fourTest(word: number, mask: number, frame: Frame): (at: number) => boolean {
  const wanted = word | 0;
  return (at) => at + 4 > frame.end ? frame.cut() : (readBe32(frame.bytes, at) & mask) === wanted;
}

function sixTest(
  words: readonly number[],
  mask: readonly number[],
  frame: Frame,
): (at: number) => boolean {
  const wanted = Int32Array.from(words);
  const masks = Int32Array.from(mask, (word) => word | 0);
  // Words of a short prefix are not read at all.
  return (at) => {
    for (let n = 0; n < 4 && (n === 0 || masks[n] !== 0); n++) {
      if (at + 4 * n + 4 > frame.end) return frame.cut();
      if ((readBe32(frame.bytes, at + 4 * n) & masks[n]!) !== wanted[n]!) return false;
    }
    return true;
  };
}
