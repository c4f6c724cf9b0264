/**
 * Simulates one nfscribe on a machine with more cores than this one, from measured parts: each of
 * its processes has a core of its own, which is as fast as here. Pure.
 *
 * @module
 */

/** Measured parts of a packet's way. */
export interface Parts {
  /** CPU time of the privileged process for a packet, in microseconds. */
  privileged: number;
  /** CPU time of a sandbox for a packet, in microseconds. */
  sandbox: number;
  /** Packets that the kernel's buffer holds. */
  buffer: number;
  /** Packets that a slot holds. */
  slot: number;
}

/** Packets for it. */
export interface Offered {
  /** Packets a second, evenly. */
  rate: number;
  workers: number;
  seconds: number;
}

/** Pause of the privileged process between two looks, in microseconds (`GATHER_MS`). */
const PAUSE = 8000;
/** Packets of a datagram (`queue_threshold`): the kernel hands over whole ones. */
const DATAGRAM = 512;
/** Slots of a sandbox that is alone, and of each of several (src/daemon/pool_plan.ts). */
const [SLOTS_ALONE, SLOTS_EACH] = [8, 4];
/** Steps of the search for the highest rate: to 0.1 % of it. */
const STEPS = 20;

/** Returns the share of packets that is lost, 0 to 1. */
export function lostOf(parts: Parts, { rate, workers, seconds }: Offered): number {
  const slots = workers === 1 ? SLOTS_ALONE : SLOTS_EACH;
  // When each sandbox gives back its slots, in the order in which it was given them.
  const sandboxes = Array.from({ length: workers }, () => [] as number[]);
  const end = seconds * 1e6;
  let [now, queued, lost] = [0, 0, 0];
  const advance = (micros: number) => {
    now += micros;
    queued += micros * rate / 1e6;
    lost += Math.max(0, queued - parts.buffer);
    queued = Math.min(queued, parts.buffer);
  };
  while (now < end) {
    while (now < end) {
      for (const busy of sandboxes) while (busy.length > 0 && busy[0]! <= now) busy.shift();
      const next = sandboxes.reduce((least, one) => one.length < least.length ? one : least);
      if (next.length === slots || queued < DATAGRAM) break;
      const packets = Math.min(queued - queued % DATAGRAM, parts.slot);
      queued -= packets;
      advance(packets * parts.privileged);
      next.push(Math.max(now, next.at(-1) ?? 0) + packets * parts.sandbox);
    }
    const isFull = sandboxes.every((busy) => busy.length === slots);
    const first = Math.min(...sandboxes.map((busy) => busy[0] ?? Infinity));
    advance(isFull ? Math.max(0, first - now) : PAUSE);
  }
  return lost / (rate * seconds);
}

/** Returns the highest rate, in packets a second, of which nothing is lost within a second. */
export function carried(parts: Parts, workers: number): number {
  let [low, high] = [0, 1e6 / parts.privileged];
  for (let step = 0; step < STEPS; step++) {
    const rate = (low + high) / 2;
    if (lostOf(parts, { rate, workers, seconds: 1 }) > 0) high = rate;
    else low = rate;
  }
  return low;
}
