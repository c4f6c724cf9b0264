/** Servers of the page over made-up records, and windows in which it is open. */

import type { WebOptions } from "../../../src/web/server/web_server.ts";
import { WebServer } from "../../../src/web/server/web_server.ts";
import { MadeUp } from "../made_up.ts";
import { MemoryStore } from "../memory_store.ts";
import { madeUpOptions, TOKEN } from "../serve.ts";
import { CHROMIUM, Chromium, type Tab, type TabOptions } from "./chromium.ts";

/** Options of tests that need Chromium. */
export const IN_CHROMIUM: { ignore: boolean } = { ignore: CHROMIUM === undefined };

/** A server over records that tests add. */
export class MadeUpSite implements AsyncDisposable {
  readonly store: MemoryStore = new MemoryStore();
  readonly records: MadeUp = new MadeUp(this.store);
  #server: WebServer | undefined;

  /** Starts the server. */
  async start(options: Partial<WebOptions> = {}): Promise<this> {
    this.#server = await WebServer.open({ ...madeUpOptions(this.store), ...options });
    return this;
  }

  /** Address of the page. */
  get address(): string {
    return `http://127.0.0.1:${this.#server!.address.port}/`;
  }

  /** Port that it listens on. */
  get port(): number {
    return this.#server!.address.port;
  }

  /** Adds packets that differ in their senders' ports, spread over a time, the oldest first. */
  fill(count: number, fromMs: number, toMs: number): void {
    this.store.inOne(() => {
      for (let n = 0; n < count; n++) {
        this.scan(fromMs + Math.floor((toMs - fromMs) * n / count), 1024 + n % 60_000);
      }
    });
  }

  /** Adds a packet that was dropped: of one of 200 senders. */
  scan(timeMs: number, port: number): void {
    this.records.packet(timeMs, "DROP in ", {
      source: `203.0.113.${port % 200}`,
      destination: "192.0.2.10",
      inDev: "eth0",
      tcp: { sourcePort: port, destinationPort: 22, flags: "SYN" },
    });
  }

  /** Adds a packet that was let through. */
  web(timeMs: number, port: number): void {
    this.records.packet(timeMs, "ACCEPT fwd ", {
      source: "10.0.0.20",
      destination: "198.51.100.7",
      inDev: "lan0",
      outDev: "eth0",
      tcp: { sourcePort: port, destinationPort: 443, flags: "SYN,ACK" },
    });
  }

  /** Ends the server. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** Ends the server and the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.store[Symbol.asyncDispose]();
  }
}

/** Opens the page with its token. */
export async function openPage(
  chromium: Chromium,
  site: MadeUpSite,
  { query = "", ...options }: TabOptions = {},
): Promise<Tab> {
  const separator = query === "" ? "?" : "&";
  return await chromium.open(site.address, {
    ...options,
    query: `${query}${separator}token=${TOKEN}`,
  });
}

/** Runs steps in one Chromium: its start takes longer than most of them. */
export function inChromium(
  name: string,
  steps: (
    step: (name: string, run: () => Promise<void>) => Promise<boolean>,
    chromium: Chromium,
  ) => Promise<void>,
): void {
  Deno.test(name, IN_CHROMIUM, async (t) => {
    await using chromium = await Chromium.start();
    await steps((name, run) => t.step(name, run), chromium);
  });
}
