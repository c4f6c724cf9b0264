/** The Address Resolution Protocol (RFC 826). */

import { hardwareText, ipv4Text } from "./address.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ETH_P_IP } from "./ether_types.ts";

/** Size of the header before the addresses, in bytes. */
export const ARP_HEADER = 8;

/** `ARPHRD_ETHER` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;

/**
 * Returns the length of an ARP packet in bytes.
 *
 * @param bytes The memory.
 * @param at Offset of the packet; 8 bytes of it were captured.
 * @returns Its length; 0 if the length of an address contradicts its type.
 */
export function arpLength(bytes: Uint8Array, at: number): number {
  const hardware = bytes[at + 4]!;
  const protocol = bytes[at + 5]!;
  if (readBe16(bytes, at) === ARPHRD_ETHER && hardware !== 6) return 0;
  if (readBe16(bytes, at + 2) === ETH_P_IP && protocol !== 4) return 0;
  return ARP_HEADER + 2 * (hardware + protocol);
}

/** A view of an ARP packet. */
export class ArpHeader {
  readonly #bytes: Uint8Array;
  readonly #at: number;

  /** Creates a view of a whole ARP packet. */
  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Link type (`ARPHRD_*`, linux/if_arp.h), such as 1 for Ethernet. */
  get hardwareType(): number {
    return readBe16(this.#bytes, this.#at);
  }

  /** EtherType of the resolved addresses, such as 0x0800. */
  get protocolType(): number {
    return readBe16(this.#bytes, this.#at + 2);
  }

  /** 1 request, 2 reply, 3 and 4 the same for RARP (`ARPOP_*`, linux/if_arp.h). */
  get operation(): number {
    return readBe16(this.#bytes, this.#at + 6);
  }

  /** The sender's link address, such as `02:00:5e:10:00:01`. */
  get senderHardwareAddress(): string {
    return hardwareText(this.#bytes, this.#at + ARP_HEADER, this.#hardware);
  }

  /** The sender's address, such as `192.0.2.1`; bytes in hexadecimal if it is not IPv4. */
  get senderAddress(): string {
    return this.#address(ARP_HEADER + this.#hardware);
  }

  /** The target's link address: zeros in a request. */
  get targetHardwareAddress(): string {
    const at = this.#at + ARP_HEADER + this.#hardware + this.#protocol;
    return hardwareText(this.#bytes, at, this.#hardware);
  }

  /** The address that is requested or answered. */
  get targetAddress(): string {
    return this.#address(ARP_HEADER + 2 * this.#hardware + this.#protocol);
  }

  get #hardware(): number {
    return this.#bytes[this.#at + 4]!;
  }

  get #protocol(): number {
    return this.#bytes[this.#at + 5]!;
  }

  #address(offset: number): string {
    return this.protocolType === ETH_P_IP
      ? ipv4Text(this.#bytes, this.#at + offset)
      : hardwareText(this.#bytes, this.#at + offset, this.#protocol);
  }
}
