/**
 * Puts messages of each session, source and kind into the order in which they were sent, and knows
 * those that were taken before. Pure.
 *
 * A sender has several messages in flight. Where one of them fails, those behind it arrive first, and
 * again later. So a message is held until all before it were taken, within bounds of time and bytes.
 */

/** A message, as far as its place goes. */
export interface Placed {
  /** Session, source and kind, whose messages are numbered together. */
  readonly lane: string;
  /** Records of the lane before; undefined if the sender does not know. */
  readonly first: number | undefined;
  /** Number of its records. */
  readonly records: number;
  /**
   * Whether it was in the stream before this process began to read it: what is missing in front of it
   * may have been taken by another one.
   */
  readonly isOld: boolean;
  /** Size in memory, in bytes. */
  readonly size: number;
}

/** A message that is taken next. */
export interface Taken<Message> {
  message: Message;
  /** Records that are missing in front of it. */
  missing: number;
  /** Number that grows where it is not known whether something is missing in front of it. */
  epoch: number;
}

/** Bounds of an order. */
export interface OrderBounds {
  /** Time that a message waits for those before it, in milliseconds. */
  gapMs: number;
  /** Time that an old message waits, and the first one of a lane, in milliseconds. */
  beginMs: number;
  /** Most bytes of messages that wait, and most of them. */
  heldBytes: number;
  heldMessages: number;
  /** Most messages of a lane that wait: no sender has as many on their way. */
  laneMessages: number;
  /** Lanes that are known at most; of others it is forgotten what was taken. */
  lanes: number;
}

const BOUNDS: OrderBounds = {
  gapMs: 30_000,
  beginMs: 1000,
  heldBytes: 32 * 1024 * 1024,
  heldMessages: 4096,
  laneMessages: 1024,
  lanes: 50_000,
};

/** Most records that are taken as missing between two messages: no sender has lost so many. */
const GAP_MOST = 2 ** 32;

/** Most ranges of a lane: the oldest are forgotten. */
const RANGES_MOST = 32;

/** Records from a number up to another one, without it. */
type Range = [start: number, end: number];

/** A message that waits. */
interface Held<Message> {
  message: Message;
  first: number;
  deadlineMs: number;
}

/** State of a lane. */
interface Lane<Message> {
  /** Number of the record that comes next; undefined before the first message. */
  next: number | undefined;
  /** Ranges of records that were handed out, in their order. */
  handed: Range[];
  /** Messages that wait, by their first record. */
  held: Held<Message>[];
  /** Their bytes. */
  heldBytes: number;
  epoch: number;
}

/** Order of messages. */
export class Order<Message extends Placed> {
  readonly #bounds: OrderBounds;
  readonly #lanes = new Map<string, Lane<Message>>();
  readonly #waiting = new Set<Lane<Message>>();
  #heldBytes = 0;
  #heldMessages = 0;

  /** Creates an order without messages. */
  constructor(bounds: Partial<OrderBounds> = {}) {
    this.#bounds = { ...BOUNDS, ...bounds };
  }

  /** Earliest time at which {@linkcode due} may return something; Infinity for none. */
  get nextMs(): number {
    let next = Infinity;
    for (const { held } of this.#waiting) next = Math.min(next, held[0]!.deadlineMs);
    return next;
  }

  /** Returns whether all records of a message were handed out before. */
  isRepeated({ lane, first, records }: Placed): boolean {
    if (first === undefined || records === 0) return false;
    const ranges = this.#lanes.get(lane)?.handed ?? [];
    return ranges.some(([start, end]) => start <= first && first + records <= end);
  }

  /**
   * Takes a message that has arrived.
   *
   * @param nowMs Current time, on any clock that does not go back.
   * @returns Messages to hand out next, in their order.
   */
  offer(message: Message, nowMs: number): Taken<Message>[] {
    const { first } = message;
    if (first === undefined) return [{ message, missing: 0, epoch: 0 }];
    const lane = this.#laneOf(message.lane);
    if (first > (lane.next ?? 0)) {
      this.#hold(lane, message, nowMs);
      return this.#overflow(lane);
    }
    return this.#take(lane, message, first, 0);
  }

  /** Returns messages that have waited for long enough, and what follows them. */
  due(nowMs: number): Taken<Message>[] {
    const taken: Taken<Message>[] = [];
    for (const lane of [...this.#waiting]) {
      while (lane.held.length > 0 && lane.held[0]!.deadlineMs <= nowMs) {
        taken.push(...this.#release(lane));
      }
    }
    return taken;
  }

  /** Notes that a message's records were handed out. */
  handOut({ lane: name, first, records }: Placed): void {
    if (first === undefined || records === 0) return;
    const { handed } = this.#laneOf(name);
    const last = handed.at(-1);
    if (last?.[1] === first) last[1] = first + records;
    else {
      handed.push([first, first + records]);
      handed.sort(([one], [other]) => one - other);
      join(handed);
      if (handed.length > RANGES_MOST) handed.shift();
    }
  }

  /** Forgets messages that were offered and not handed out: they are offered again. */
  reset(): void {
    for (const lane of this.#lanes.values()) {
      lane.held = [];
      lane.heldBytes = 0;
      lane.next = lane.handed.at(-1)?.[1];
    }
    this.#waiting.clear();
    this.#heldBytes = this.#heldMessages = 0;
  }

  #laneOf(name: string): Lane<Message> {
    const known = this.#lanes.get(name);
    if (known !== undefined) {
      // The lane that was used longest ago stays in front.
      this.#lanes.delete(name);
      this.#lanes.set(name, known);
      return known;
    }
    const lane: Lane<Message> = { next: undefined, handed: [], held: [], heldBytes: 0, epoch: 0 };
    this.#lanes.set(name, lane);
    if (this.#lanes.size > this.#bounds.lanes) this.#forgetOne();
    return lane;
  }

  #forgetOne(): void {
    for (const [name, { held }] of this.#lanes) {
      if (held.length > 0) continue;
      this.#lanes.delete(name);
      return;
    }
  }

  #hold(lane: Lane<Message>, message: Message, nowMs: number): void {
    const { gapMs, beginMs } = this.#bounds;
    const mayBegin = lane.next === undefined || message.isOld;
    const deadlineMs = nowMs + (mayBegin ? beginMs : gapMs);
    const first = message.first!;
    const at = lane.held.findIndex((other) => other.first > first);
    const held = { message, first, deadlineMs };
    // What waits in front decides how long those behind it wait.
    if (at < 0) lane.held.push(held);
    else {lane.held.splice(at, 0, {
        ...held,
        deadlineMs: Math.min(deadlineMs, lane.held[at]!.deadlineMs),
      });}
    this.#waiting.add(lane);
    lane.heldBytes += message.size;
    this.#heldBytes += message.size;
    this.#heldMessages++;
  }

  /** Releases a lane with too many messages, and the largest ones until the rest is within its bounds. */
  #overflow(grown: Lane<Message>): Taken<Message>[] {
    const { heldBytes, heldMessages, laneMessages } = this.#bounds;
    const taken: Taken<Message>[] = [];
    const empty = (lane: Lane<Message>) => {
      while (lane.held.length > 0) taken.push(...this.#release(lane));
    };
    if (grown.held.length > laneMessages) empty(grown);
    while (this.#heldBytes > heldBytes || this.#heldMessages > heldMessages) {
      // Of many senders it is the one with the most that goes on without what it waits for.
      empty(
        [...this.#waiting].reduce((one, other) => other.heldBytes > one.heldBytes ? other : one),
      );
    }
    return taken;
  }

  /** Takes the first message of a lane that waits, whatever is missing in front of it. */
  #release(lane: Lane<Message>): Taken<Message>[] {
    const { message, first } = this.#unhold(lane);
    const missing = Math.max(0, first - (lane.next ?? first));
    const isKnown = lane.next !== undefined && !message.isOld && missing <= GAP_MOST;
    if (!isKnown) lane.epoch++;
    return this.#take(lane, message, first, isKnown ? missing : 0);
  }

  /** Takes a message, and those that waited for it. */
  #take(lane: Lane<Message>, message: Message, first: number, missing: number): Taken<Message>[] {
    const { epoch } = lane;
    const taken = [{ message, missing, epoch }];
    lane.next = Math.max(lane.next ?? 0, first + message.records);
    while (lane.held.length > 0 && lane.held[0]!.first <= lane.next) {
      const held = this.#unhold(lane);
      taken.push({ message: held.message, missing: 0, epoch });
      lane.next = Math.max(lane.next, held.first + held.message.records);
    }
    return taken;
  }

  #unhold(lane: Lane<Message>): Held<Message> {
    const held = lane.held.shift()!;
    const { size } = held.message;
    lane.heldBytes -= size;
    this.#heldBytes -= size;
    this.#heldMessages--;
    if (lane.held.length === 0) this.#waiting.delete(lane);
    return held;
  }
}

/** Joins ranges that touch. */
function join(ranges: Range[]): void {
  for (let at = ranges.length - 1; at > 0; at--) {
    const [before, range] = [ranges[at - 1]!, ranges[at]!];
    if (range[0] > before[1]) continue;
    before[1] = Math.max(before[1], range[1]);
    ranges.splice(at, 1);
  }
}
