/** Keys of ulogd, and the interface of a format that prints them. */

import { Word } from "../../text/line.ts";

/** A key such as `oob.prefix`, encoded for each format. */
export class Key {
  /** `oob.prefix=` */
  readonly assignment: Word;
  /** `, "oob.prefix": ` */
  readonly member: Word;

  /**
   * Creates a key.
   *
   * @param name Its name.
   * @param commonName Its name in the Common Information Model, which ulogd's JSON has instead.
   */
  constructor(name: string, commonName = name) {
    this.assignment = new Word(`${name}=`);
    this.member = new Word(`, ${JSON.stringify(commonName)}: `);
  }
}

/** A format: takes the keys of a packet in ulogd's order. */
export interface KeyFormat {
  /** Takes an integer from 0 to 2^32 - 1. */
  number(key: Key, value: number): void;
  /** Takes a value that ulogd has as a pointer only. */
  pointer(key: Key): void;
  /**
   * Takes an address as a number (`ULOGD_RET_IPADDR`): four bytes, in the order of the memory that
   * ulogd has them in, or in reverse.
   */
  address(key: Key, bytes: Uint8Array, at: number, isReversed: boolean): void;
  /** Takes a rule's prefix. */
  prefix(key: Key, bytes: Uint8Array, at: number, length: number): void;
  /** Takes the name of an interface, encoded for this format. */
  name(key: Key, name: Uint8Array): void;
  /** Takes an IPv4 address as text. */
  ipv4(key: Key, bytes: Uint8Array, at: number): void;
  /** Takes an IPv6 address as text. */
  ipv6(key: Key, bytes: Uint8Array, at: number): void;
  /** Takes a link address or header as text. */
  hardware(key: Key, bytes: Uint8Array, at: number, length: number): void;
}
