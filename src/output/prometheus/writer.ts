/** The other half of the Prometheus output: sums in memory, which /metrics shows. */

import type { MetricFamily, Writer } from "../output.ts";
import { parseLine } from "./line.ts";

/** Sums of an object since the start. */
interface Sum {
  seconds: number;
  packets: number;
  bytes: number;
  labels: Readonly<Record<string, string>>;
}

/** Adds counters up. */
export class PrometheusWriter implements Writer {
  readonly #most: number;
  /** Sums by labels, from the one that was read longest ago on. */
  readonly #sums = new Map<string, Sum>();
  /** Counters that had no room. */
  #omitted = 0;

  /**
   * Creates a writer without sums.
   *
   * @param most Objects that have metrics at most.
   */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds counters; what a sandbox writes else is passed over. */
  write(bytes: Uint8Array): void {
    for (const line of new TextDecoder().decode(bytes).split("\n")) {
      const addition = parseLine(line);
      if (addition === undefined) continue;
      const key = JSON.stringify(addition.labels);
      const { packets = 0, bytes = 0 } = this.#sums.get(key) ?? {};
      if (!this.#makeRoom(key, addition.seconds)) {
        this.#omitted++;
        continue;
      }
      this.#sums.set(key, {
        ...addition,
        packets: packets + addition.packets,
        bytes: bytes + addition.bytes,
      });
    }
  }

  /** Metrics of all objects. */
  get metrics(): MetricFamily[] {
    const samples = (of: "packets" | "bytes") =>
      [...this.#sums.values()].map((sum) => ({ labels: sum.labels, value: sum[of] }));
    return [
      {
        name: "accounting_packets_total",
        help: "Packets that an accounting object has counted since nfscribe began to read it.",
        samples: samples("packets"),
      },
      {
        name: "accounting_bytes_total",
        help: "Bytes of these packets.",
        samples: samples("bytes"),
      },
    ];
  }

  /** Returns the number of objects, and of counters that had no room. */
  figures(): Record<string, number> {
    return { objects: this.#sums.size, omitted: this.#omitted };
  }

  /** Does nothing: sums are in memory. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Does nothing: sums are in memory. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes an object the last one that was read; returns whether it has room. */
  #makeRoom(key: string, seconds: number): boolean {
    if (this.#sums.delete(key) || this.#sums.size < this.#most) return true;
    const [oldest] = this.#sums;
    if (oldest === undefined || oldest[1].seconds >= seconds) return false;
    return this.#sums.delete(oldest[0]);
  }
}
