/**
 * One measurement: a load for one program, and its result.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { nft } from "../kernel/firewall.ts";
import { PORT } from "../kernel/traffic.ts";
import { CpuMeter, cpuOf, type CpuTime } from "./cpu.ts";
import { generate } from "./generator.ts";
import type { Memory, Running } from "./running.ts";

/** Size of an IPv4 and a UDP header, in bytes. */
const HEADERS = 28;
/** Interval of checks whether a program is still working, in milliseconds. */
const LOOK_MS = 20;
/** A program that uses less CPU time per check, in microseconds, is idle. */
const IDLE_MICROS = 1000;
/** Time that it must be idle, in milliseconds: longer than the kernel collects packets. */
const QUIET_MS = 400;

/** Packets to send. */
export interface Load {
  /** Number of packets. */
  packets: number;
  /** Bytes of each, from its IPv4 header on. */
  size: number;
  /** Packets per second; Infinity for as many as the generators can send. */
  rate: number;
  /** Number of processes that send them. */
  generators: number;
  /** Number of addresses that they go to, in turn; one if left out. */
  addresses?: number;
}

/** Result of a load. */
export interface Round {
  /** Packets a second that were sent. */
  offered: number;
  /** Packets that the rule logged. */
  logged: number;
  /** Packets that the program kept. */
  kept: number;
  /** The program's CPU time. */
  cpu: CpuTime;
  /** Time that it worked after the last packet, in milliseconds. */
  drainMs: number;
  /** Time that sending took, in milliseconds. */
  floodMs: number;
  /** Its memory afterwards. */
  memory: Memory;
}

/** Sends a load to a program, and waits until it is idle. */
export async function measure(running: Running, load: Load): Promise<Round> {
  const { group } = running.program;
  await using rules = await nft([["input", `udp dport ${PORT} counter log group ${group} drop`]]);
  const before = await running.kept();
  const meter = new CpuMeter(running.pid);
  const offered = await send(load);
  const drainMs = await settle(running.pid);
  const cpu = meter.read();
  const [logged, kept] = [await rules.count(), await running.kept() - before];
  const floodMs = load.packets / offered * 1000;
  return { offered, logged, kept, cpu, drainMs, floodMs, memory: running.memory() };
}

/** Sends the packets; returns the rate. */
export async function send(
  { packets, size, rate, generators, addresses }: Load,
): Promise<number> {
  const part = Math.round(packets / generators);
  const rates = await Promise.all(
    Array.from(
      { length: generators },
      () =>
        generate({
          count: part,
          size: size - HEADERS,
          port: PORT,
          rate: rate / generators,
          addresses,
        }),
    ),
  );
  return rates.reduce((sum, one) => sum + one, 0);
}

/** Waits until a process is idle; returns how long it worked, in milliseconds. */
export async function settle(pid: number): Promise<number> {
  const start = performance.now();
  let busyUntil = start;
  let last = cpuOf(pid);
  while (performance.now() - busyUntil < QUIET_MS) {
    await delay(LOOK_MS);
    const now = cpuOf(pid);
    if (now - last > IDLE_MICROS) busyUntil = performance.now();
    last = now;
  }
  return busyUntil - start;
}
