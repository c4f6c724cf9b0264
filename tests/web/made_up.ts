/** Records as of a gateway, made up: scans, web traffic, names, pings, flows with NAT, losses. */

import { packet } from "../../src/fixtures/packet.ts";
import { addressBytes, parseAddress } from "../../src/filter/parse_address.ts";
import type { MemoryStore } from "./memory_store.ts";

const HOST = "gw1";
const SESSION = new Uint8Array(16).fill(7);
const CAPTURES = ["nflog:1", "nflog:2"];
/** Chance that a step has a loss. */
const LOSS = 0.0005;
const SCANNED = [22, 23, 80, 443, 445, 1433, 3389, 5900, 8080, 8443];
const SERVERS = ["192.0.2.10", "192.0.2.11", "192.0.2.25", "2001:db8:1::10"];
const CLIENTS = Array.from({ length: 12 }, (_, index) => `10.0.0.${index + 20}`);
/** Texts that a page must show as text. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "\u202Egnp.exe",
  "=1+1",
  '"><script>alert(1)</script>',
];

/** Makes records; the same seed makes the same ones. */
export class MadeUp {
  readonly #store: MemoryStore;
  #state: number;
  #seq = 0;

  constructor(store: MemoryStore, seed = 1) {
    this.#store = store;
    this.#state = seed;
  }

  /** Adds some records of one moment. */
  step(timeMs: number): void {
    const kind = this.#below(100);
    if (kind < 45) this.#scan(timeMs);
    else if (kind < 65) this.#forward(timeMs);
    else if (kind < 75) this.#name(timeMs);
    else if (kind < 82) this.#ping(timeMs);
    else if (kind < 85) this.#local(timeMs);
    else if (kind < 86) this.#hostile(timeMs);
    else this.#flow(timeMs);
    if (this.#random() < LOSS) {
      this.#store.addLoss({
        timeMs,
        host: HOST,
        capture: this.#one(CAPTURES),
        packets: 1 + this.#below(900),
      });
    }
  }

  /** Adds a time with so many steps. */
  fill(fromMs: number, toMs: number, steps: number): void {
    this.#store.inOne(() => {
      for (let step = 0; step < steps; step++) {
        // More by day than by night.
        const at = fromMs + (toMs - fromMs) * (step + this.#random()) / steps;
        if (this.#random() < 0.6 + 0.4 * Math.sin(at / 13_750_987)) this.step(Math.trunc(at));
      }
    });
  }

  #scan(timeMs: number): void {
    const source = this.#random() < 0.4
      ? `203.0.113.${this.#below(8)}`
      : `${100 + this.#below(99)}.${this.#below(256)}.${this.#below(256)}.${this.#below(256)}`;
    this.packet(timeMs, "DROP in ", {
      source,
      destination: this.#one(SERVERS.slice(0, 3)),
      inDev: "eth0",
      tcp: { sourcePort: this.#port(), destinationPort: this.#one(SCANNED), flags: "SYN" },
    });
  }

  #forward(timeMs: number): void {
    const flags = this.#random() < 0.8 ? "SYN" : "ACK,PSH";
    this.packet(timeMs, "ACCEPT fwd ", {
      source: this.#one(CLIENTS),
      destination: `198.51.100.${this.#below(30)}`,
      inDev: "lan0",
      outDev: "eth0",
      tcp: { sourcePort: this.#port(), destinationPort: this.#one([80, 443, 443, 443]), flags },
      data: "x".repeat(this.#below(400)),
    });
  }

  #name(timeMs: number): void {
    this.packet(timeMs, "ACCEPT dns ", {
      source: this.#one(CLIENTS),
      destination: "192.0.2.53",
      inDev: "lan0",
      udp: { sourcePort: this.#port(), destinationPort: 53 },
      data:
        "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01",
    });
  }

  #ping(timeMs: number): void {
    this.packet(timeMs, "REJECT v6 ", {
      source: `2001:db8:${this.#below(9)}::${this.#below(99)}`,
      destination: SERVERS[3]!,
      inDev: "eth0",
      icmpv6: { type: 128 },
    });
  }

  #local(timeMs: number): void {
    this.packet(timeMs, "OUT local ", {
      source: "192.0.2.1",
      destination: `198.51.100.${this.#below(30)}`,
      outDev: "eth0",
      tcp: { sourcePort: this.#port(), destinationPort: 25, flags: "SYN" },
    }, { uid: this.#one([0, 33, 1000]), gid: 33 });
  }

  #hostile(timeMs: number): void {
    this.packet(timeMs, this.#one(HOSTILE), {
      source: "203.0.113.66",
      destination: SERVERS[0]!,
      inDev: "eth0",
      udp: { sourcePort: this.#port(), destinationPort: 9 },
      data: "<script>alert(document.cookie)</script>\r\n\x1b[2J",
    }, { in_dev: "<b>if0</b>" });
  }

  #flow(timeMs: number): void {
    const [source, destination] = [this.#one(CLIENTS), `198.51.100.${this.#below(30)}`];
    const [port, natPort] = [this.#port(), this.#port()];
    const durationMs = this.#below(120_000);
    const packets = 2 + this.#below(200);
    this.#store.add("flow", {
      time: BigInt(timeMs) * 1000n,
      host: HOST,
      capture: "conntrack",
      session: SESSION,
      event: "destroy",
      protocol: 6,
      original_source: bytes(source),
      original_source_port: port,
      original_destination: bytes(destination),
      original_destination_port: 443,
      original_packets: packets,
      original_bytes: packets * 120,
      reply_source: bytes(destination),
      reply_source_port: 443,
      reply_destination: bytes("192.0.2.1"),
      reply_destination_port: natPort,
      reply_packets: packets,
      reply_bytes: packets * 900,
      nat_source: bytes("192.0.2.1"),
      nat_source_port: natPort,
      start_time: BigInt(timeMs - durationMs) * 1000n,
      end_time: BigInt(timeMs) * 1000n,
      duration: durationMs / 1000,
      status: 2 | 4 | 8 | 16,
      id: this.#below(2 ** 32),
    });
  }

  /** Adds a packet; `others` are values of columns. */
  packet(
    timeMs: number,
    prefix: string,
    fields: NonNullable<Parameters<typeof packet>[0]>,
    others: Record<string, string | number> = {},
  ): void {
    const made = packet(fields);
    const source = made.source!;
    this.#store.add("packet", {
      time: BigInt(timeMs) * 1000n + BigInt(this.#below(1000)),
      host: HOST,
      capture: prefix.startsWith("ACCEPT") ? CAPTURES[1] : CAPTURES[0],
      session: SESSION,
      seq: this.#seq++,
      prefix,
      hook: made.hook,
      in_dev: fields.inDev,
      out_dev: fields.outDev,
      hardware_source: new Uint8Array([2, 0, 0, 0, 0, this.#below(9)]),
      ethertype: source.includes(":") ? 0x86dd : 0x0800,
      source_address: bytes(source),
      destination_address: bytes(made.destination!),
      protocol: made.ip!.protocol,
      source_port: made.sourcePort,
      destination_port: made.destinationPort,
      tcp_flags: made.tcp?.flags,
      icmp_type: made.icmpv6?.type,
      icmp_code: made.icmpv6?.code,
      length: made.payload!.length,
      ttl: 40 + this.#below(25),
      tos: 0,
      payload: made.payload!.slice(),
      ...others,
    });
  }

  #port(): number {
    return 32_768 + this.#below(28_000);
  }

  #one<T>(values: readonly T[]): T {
    return values[this.#below(values.length)]!;
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** Returns a number from 0 to 1 (mulberry32). */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ value >>> 15, value | 1);
    value ^= value + Math.imul(value ^ value >>> 7, value | 61);
    return ((value ^ value >>> 14) >>> 0) / 2 ** 32;
  }
}

function bytes(address: string): Uint8Array {
  return addressBytes(parseAddress(address)!);
}
