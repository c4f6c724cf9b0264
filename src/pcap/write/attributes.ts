/**
 * Encodes netlink attributes (`struct nlattr`, linux/netlink.h) into existing memory: a length that
 * includes its own 4 bytes, a type, both in the host's byte order, a value, padding to 4.
 */

import { NLA_F_NESTED, NLA_HDRLEN } from "../../netlink/attribute.ts";
import { ABSENT } from "../../packet/absent.ts";
import { Copier, padWord, wordAlign, writeBe16, writeBe32, writeLe16 } from "../../bytes/write.ts";
import * as c from "../../netlink/nflog/constants.ts";

/** Size of an attribute with a number in bytes, padding included. */
const NUMBER = 8;

/** Writes a sequence of nfnetlink_log attributes. The caller checks that there is room. */
export class AttributeWriter {
  #out: Uint8Array = new Uint8Array(0);
  #at = 0;
  readonly #copier = new Copier();

  /** Begins at an offset. */
  begin(out: Uint8Array, at: number): void {
    this.#out = out;
    this.#at = at;
  }

  /** Writes `struct nfgenmsg`: family, version 0, resource identifier. */
  generalHeader(family: number, resource: number): void {
    this.#out[this.#at] = family;
    this.#out[this.#at + 1] = 0;
    writeBe16(this.#out, this.#at + 2, resource);
    this.#at += c.NFGENMSG_SIZE;
  }

  /** Writes `struct nfulnl_msg_packet_hdr`: be16 hw_protocol, u8 hook, u8 padding. */
  packetHeader(hwProtocol: number, hook: number): void {
    const value = this.#begin(c.NFULA_PACKET_HDR, 4);
    writeBe16(this.#out, value, hwProtocol);
    this.#out[value + 2] = hook;
    this.#out[value + 3] = 0;
  }

  /** Writes a 16-bit number. */
  be16(type: number, number: number): void {
    writeBe16(this.#out, this.#begin(type, 2), number);
  }

  /** Writes a 32-bit number. */
  be32(type: number, number: number): void {
    writeBe32(this.#out, this.#begin(type, 4), number);
  }

  /** Writes bytes. */
  bytes(type: number, source: Uint8Array, offset: number, length: number): void {
    this.#copier.copy(this.#out, this.#begin(type, length), source, offset, length);
  }

  /** Writes text and its terminating NUL. */
  text(type: number, source: Uint8Array, offset: number, length: number): void {
    const value = this.#begin(type, length + 1);
    this.#copier.copy(this.#out, value, source, offset, length);
    this.#out[value + length] = 0;
  }

  /**
   * Writes `struct nfulnl_msg_packet_hw`: be16 length, u16 padding, the address in at least `least`
   * bytes.
   */
  hwAddress(source: Uint8Array, offset: number, length: number, least: number): void {
    const size = Math.max(length, least);
    const value = this.#begin(c.NFULA_HWADDR, 4 + size);
    writeBe16(this.#out, value, length);
    writeBe16(this.#out, value + 2, 0);
    this.#copier.copy(this.#out, value + 4, source, offset, length);
    for (let i = length; i < size; i++) this.#out[value + 4 + i] = 0;
  }

  /** Writes `struct nfulnl_msg_packet_timestamp`: be64 seconds, be64 microseconds. */
  timestamp(seconds: number, nanoseconds: number): void {
    const value = this.#begin(c.NFULA_TIMESTAMP, 16);
    writeBe32(this.#out, value, seconds / 0x1_0000_0000);
    writeBe32(this.#out, value + 4, seconds);
    writeBe32(this.#out, value + 8, 0);
    writeBe32(this.#out, value + 12, nanoseconds / 1000);
  }

  /** Writes a nested VLAN tag; omits parts that are {@linkcode ABSENT}. */
  vlan(protocol: number, tci: number): void {
    const parts = Number(protocol !== ABSENT) + Number(tci !== ABSENT);
    const value = this.#begin(c.NFULA_VLAN | NLA_F_NESTED, parts * NUMBER);
    this.#at = value;
    if (protocol !== ABSENT) this.be16(c.NFULA_VLAN_PROTO, protocol);
    if (tci !== ABSENT) this.be16(c.NFULA_VLAN_TCI, tci);
  }

  /** Writes an attribute's header and padding; returns the offset of its value. */
  #begin(type: number, length: number): number {
    const at = this.#at;
    writeLe16(this.#out, at, NLA_HDRLEN + length);
    writeLe16(this.#out, at + 2, type);
    padWord(this.#out, at + NLA_HDRLEN, length);
    this.#at = at + wordAlign(NLA_HDRLEN + length);
    return at + NLA_HDRLEN;
  }
}
