/**
 * Invariants of any datagram.
 *
 * @module
 */

import { cidr } from "../../src/filter/cidr.ts";
import { ports } from "../../src/filter/ports.ts";
import { UNFIT } from "../../src/record/encoder.ts";
import { PcapEncoder } from "../../src/output/pcap/encoder.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { Packet } from "../../src/packet/packet.ts";
import type { PacketHeaders } from "../../src/packet/packet_headers.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import type { Decoder } from "../../src/record/decoder.ts";
import { observe } from "../packet/observe.ts";
import { LONGEST } from "./datagrams.ts";
import { Random } from "./random.ts";

/**
 * Size of the memory before and after a datagram: as far as the length of an attribute can reach.
 */
export const BEFORE = 256;
const BEHIND = 65536;
export const SIZE: number = BEFORE + LONGEST + BEHIND;

const NETWORKS = cidr("192.0.2.0/24", "2001:db8::/32", "128.0.0.0/1", "fe80::/10");
const PORTS = ports(53, 443, "1024-49151");

/** Checks datagrams, one after the other. */
export class Check {
  readonly #makeDecoder: () => Decoder<RawPacket>;
  readonly #encoder = new PcapEncoder();
  readonly #record = new Uint8Array(2 * LONGEST);
  readonly #interfaces = new InterfaceTable();
  readonly #amongZeros = new Surroundings(new Uint8Array(SIZE));
  readonly #amongNoise = new Surroundings(new Random(1).bytes(SIZE));

  /**
   * Creates a check.
   *
   * @param makeDecoder Creates the decoder under test, one for each datagram.
   */
  constructor(makeDecoder: () => Decoder<RawPacket> = () => new NflogDecoder()) {
    this.#makeDecoder = makeDecoder;
  }

  /**
   * Decodes a datagram among zeros and among noise, reads every field, and compares: a difference
   * comes from a read outside the datagram.
   *
   * @throws {Error} If an invariant is violated.
   */
  datagram(bytes: Uint8Array): void {
    requireSame(this.#outcome(bytes, this.#amongZeros), this.#outcome(bytes, this.#amongNoise));
  }

  /** Returns everything visible of a datagram's packets. */
  #outcome(bytes: Uint8Array, surroundings: Surroundings): unknown[] {
    const memory = surroundings.around(bytes);
    const decoder = this.#makeDecoder();
    const seen: unknown[] = [];
    let packets = 0;
    decoder.begin(memory, BEFORE, bytes.length, 1_700_000_000, 500_000_000);
    for (const raw = new RawPacket(this.#interfaces); decoder.next(raw);) {
      packets++;
      this.#look(raw, seen);
    }
    const { received, lost, malformed } = decoder;
    for (const count of [received, lost, malformed]) {
      if (!Number.isSafeInteger(count) || count < 0) throw new Error(`Counts ${count}`);
    }
    if (received !== packets + malformed) {
      throw new Error(`Received ${received}, and ${packets} packets, ${malformed} malformed`);
    }
    seen.push("received", received, "lost", lost, "malformed", malformed);
    return seen;
  }

  #look(raw: RawPacket, seen: unknown[]): void {
    const packet = new Packet(raw);
    const first = seen.length;
    seen.push(...observe(packet));
    checkMatchers(packet);
    const length = this.#encoder.encode(raw, this.#record, 0);
    seen.push("record", length < 0 ? length : this.#record.subarray(0, length).toHex());
    if (length !== UNFIT && length !== 16 + raw.payloadLength) {
      throw new Error(`A record of ${length} bytes for a payload of ${raw.payloadLength}`);
    }
    observe(packet.copy()).forEach((value, index) => {
      if (Object.is(value, seen[first + index])) return;
      throw new Error(`A copy differs: ${seen[first + index]}, copied ${value}`);
    });
  }
}

/**
 * Compares everything visible of a datagram among zeros and among noise.
 *
 * @throws {Error} If there is a difference, which comes from a read outside the datagram.
 */
export function requireSame(one: readonly unknown[], other: readonly unknown[]): void {
  const differs = one.findIndex((value, index) => !Object.is(value, other[index]));
  if (differs < 0 && one.length === other.length) return;
  throw new Error(
    `Reads beyond the datagram: ${one[differs - 1]}: ${one[differs]} among zeros, ` +
      `${other[differs]} among noise`,
  );
}

/** Checks that matchers agree with the packet's getters. */
function checkMatchers(packet: PacketHeaders): void {
  const { source, destination, sourcePort, destinationPort } = packet;
  const seen = [
    [NETWORKS.source(packet), source !== undefined && NETWORKS.contains(source)],
    [NETWORKS.destination(packet), destination !== undefined && NETWORKS.contains(destination)],
    [PORTS.source(packet), sourcePort !== undefined && PORTS.has(sourcePort)],
    [PORTS.destination(packet), destinationPort !== undefined && PORTS.has(destinationPort)],
    [packet.ip?.source, source],
    [packet.ip?.protocol, packet.protocol],
  ];
  for (const [one, other] of seen) {
    if (one !== other) throw new Error(`Two ways to one value: ${one} and ${other}`);
  }
  const embedded = (packet.icmp ?? packet.icmpv6)?.embedded;
  if (embedded !== undefined) checkMatchers(embedded);
}

/** Memory whose contents around the datagram are always the same. */
export class Surroundings {
  readonly #pattern: Uint8Array;
  readonly #memory = new Memory(new ArrayBuffer(SIZE));
  #used = 0;

  constructor(pattern: Uint8Array) {
    this.#pattern = pattern;
    this.#memory.bytes.set(pattern);
  }

  /** Returns the memory with a datagram in it. */
  around(datagram: Uint8Array): Memory {
    const { bytes } = this.#memory;
    bytes.set(this.#pattern.subarray(BEFORE, BEFORE + this.#used), BEFORE);
    bytes.set(datagram, BEFORE);
    this.#used = datagram.length;
    return this.#memory;
  }
}
