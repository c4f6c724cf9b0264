/**
 * A hostile sandbox that writes arbitrary words of slots, records and messages. Its parent must not
 * throw, read outside the memory, or miscount.
 *
 * @module
 */

import { newSource, type PipelineSource, Topology } from "../../src/daemon/pipeline/topology.ts";
import { imbalance } from "../daemon/imbalance.ts";
import { BufferedOutput } from "../../src/daemon/outputs/buffered_output.ts";
import { type Datagram, type InFlightSlot, newInFlight } from "../../src/daemon/pool/in_flight.ts";
import type { Sandbox } from "../../src/daemon/pool/sandbox.ts";
import { SandboxLog } from "../../src/daemon/pool/sandbox_log.ts";
import { isPossible } from "../../src/daemon/pool/slot_check.ts";
import { SectionJoiner } from "../../src/pcap/write/sections.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { parseStructured } from "../../src/packet/structured_schema.ts";
import { readMessage } from "../../src/sandbox/messages.ts";
import { AREA_SIZE, INPUT_SIZE, Ring } from "../../src/sandbox/ring.ts";
import { Kind, Slot, State } from "../../src/sandbox/slot.ts";
import { readTraces } from "../../src/sandbox/trace.ts";
import type { Reader } from "../../src/source/source.ts";
import type { Random } from "./random.ts";

const OUTPUTS = 3;
const SIZE = { slots: 1, areas: OUTPUTS + 1 };
/** Size of one attempt in bytes: the words of a slot, and a message. */
const BYTES = 4096;
/**
 * The longest message and fields in the log in characters, including the escapes of the last one.
 */
const MESSAGE_MAX = 4200;

/** Generates the output of a hostile sandbox, and processes it as its parent does. */
export class SandboxWords {
  readonly #random: Random;
  readonly #ring = new Ring(SIZE, (_, length) => new ArrayBuffer(length));
  readonly #copy = Slot.forCopies(SIZE.areas);
  readonly #sections = new SectionJoiner(undefined);
  readonly #log: SandboxLog;
  readonly #ends: Topology;
  readonly #filter = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
  #inFlight: InFlightSlot | undefined;
  #nowMs = 0;

  /** Starts without dealt slots. */
  constructor(random: Random) {
    this.#random = random;
    const write = (message: string, fields: object = {}) => {
      const text = message + Object.entries(fields).flat().join("");
      if (text.length > MESSAGE_MAX) throw new Error(`a message of ${text.length} characters`);
      if (/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text)) throw new Error("a raw character");
    };
    this.#log = new SandboxLog({ info: write, warn: write, error: write }, () => this.#nowMs++);
    const reader = { foreign: 0 } as Reader;
    const part = { name: "nflog:1", type: "nflog", options: { group: 1 } };
    const sources: PipelineSource[] = [newSource(part, reader, undefined)];
    this.#ends = new Topology(
      sources,
      Array.from({ length: OUTPUTS }, (_, output) => outlet(output)),
    );
  }

  /** Returns the next output of the sandbox. */
  next(): Uint8Array {
    const bytes = this.#random.bytes(BYTES);
    const words = new Int32Array(bytes.buffer);
    // Small numbers are more often accepted.
    if (this.#random.below(4) > 0) {
      for (let at = 0; at < words.length; at++) words[at] = this.#random.below(4);
    }
    if (this.#random.below(3) > 0) {
      for (let n = 0; n < 8; n++) {
        bytes[n] = this.#random.below(12);
      }
    }
    return bytes;
  }

  /** Processes it as the parent does. */
  check(bytes: Uint8Array): void {
    this.#takeMessage(bytes.subarray(0, this.#random.below(bytes.length)));
    for (const { form } of readTraces(bytes)) parseStructured(form);
    this.#joinSections(bytes);
    this.#takeSlot(bytes);
    const wrong = imbalance(this.#ends.counters(this.#filter)).filter((line) =>
      /output/.test(line)
    );
    const { passed, dropped, failed, timedOut } = this.#filter;
    const decided = passed + dropped + failed + timedOut;
    // The sandbox reports the number of received packets; outputs count each decision once.
    for (const line of wrong) {
      if (!line.includes(`: ${decided} packets`)) throw new Error(`${line}, ${decided} decided`);
    }
  }

  #takeMessage(bytes: Uint8Array): void {
    const message = readMessage(bytes);
    if (message === undefined) return;
    const [first = "", ...rest] = message.texts;
    this.#log.write("info", first, rest.map((text) => [text, text]));
  }

  #joinSections(bytes: Uint8Array): void {
    const types = [0x0a0d0d0a, 1, 5, 6];
    const area = bytes.slice();
    const words = new Uint32Array(area.buffer);
    for (let at = 0; at + 8 < words.length; at += 8) {
      words[at] = this.#random.pick(types);
      words[at + 1] = this.#random.below(8) === 0 ? words[at + 1]! : 32;
    }
    const joined = this.#sections.join(area);
    if (joined.length > area.length) throw new Error("a section that grew");
  }

  #takeSlot(bytes: Uint8Array): void {
    const slot = this.#ring.slots[0]!;
    const inFlight = this.#inFlight ??= this.#dispatch(slot);
    const state = this.#random.pick([State.FULL, State.DONE]);
    if (this.#random.below(2) === 0) this.#scribble(slot, bytes);
    else this.#answer(slot, inFlight, state);
    const words = this.#copy;
    words.copyFrom(slot);
    if (!isPossible(words, inFlight, state, OUTPUTS)) {
      inFlight.hasInvalidResults = true;
      if (++inFlight.attempts > 3) this.#inFlight = undefined;
      return;
    }
    this.#ends.count(inFlight, words, this.#filter, state === State.DONE);
    for (let output = 0; output < OUTPUTS; output++) {
      void this.#ends.write(slot.areas[output]!, words, output);
    }
    if (state === State.DONE) this.#inFlight = undefined;
  }

  #dispatch(slot: Slot): InFlightSlot {
    const datagrams: Datagram[] = [];
    let offset = 0;
    for (let n = this.#random.below(4); n >= 0; n--) {
      const size = 20 + this.#random.below(1000);
      datagrams.push({
        source: 0,
        offset,
        size,
        seconds: 1,
        nanoseconds: 2,
        interfaces: new InterfaceTable(),
      });
      offset += (size + 3) & ~3;
    }
    slot.clear(Kind.PACKETS);
    for (const datagram of datagrams) slot.addDatagram({ ...datagram, messages: 0 });
    return newInFlight({} as Sandbox, slot, Kind.PACKETS, datagrams);
  }

  /** Writes arbitrary words. */
  #scribble(slot: Slot, bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer);
    let at = 0;
    const word = () => view.getInt32(4 * (at++ % 1000), true);
    slot.resumeAt(word(), word());
    slot.skip(word(), word());
    slot.countVerdicts(word(), word(), word());
    for (let output = 0; output < OUTPUTS; output++) {
      slot.countOutput(output, {
        length: word(),
        packets: word(),
        unfit: word(),
        filtered: word(),
        emitted: word(),
      });
    }
    for (let index = 0; index < 4; index++) {
      slot.report(index, {
        received: word(),
        malformed: word(),
        lost: word(),
        firstSeq: word(),
        nextSeq: word(),
      });
    }
  }

  /** Writes words that are almost valid. */
  #answer(slot: Slot, { datagrams, resume }: InFlightSlot, state: number): void {
    const { below } = { below: (limit: number) => this.#random.below(limit) };
    slot.clearResults();
    const decided = below(20);
    const passed = below(decided + 1);
    slot.countVerdicts(passed, decided - passed, 0);
    for (let output = 0; output < OUTPUTS; output++) {
      const packets = below(decided + 1) + (below(16) === 0 ? 1 : 0);
      slot.countOutput(output, {
        length: below(8) === 0 ? AREA_SIZE + below(2) : 40 * packets,
        packets,
        unfit: 0,
        filtered: decided - packets,
        emitted: 0,
      });
    }
    datagrams.forEach((_, index) =>
      slot.report(index, {
        received: below(8) === 0 ? INPUT_SIZE + below(2) : decided,
        malformed: below(8) === 0 ? 1 : 0,
        lost: 0,
        firstSeq: -1,
        nextSeq: -1,
      })
    );
    if (state === State.FULL) {
      const datagram = Math.min(resume.datagram + below(2), datagrams.length - 1);
      const { offset, size } = datagrams[datagram]!;
      slot.resumeAt(datagram, offset + below(size));
    }
  }
}

/** Returns an output that accepts everything, and checks that the bytes lie in the area. */
function outlet(output: number): BufferedOutput {
  const writer = {
    write(bytes: Uint8Array) {
      if (bytes.length > AREA_SIZE) throw new Error(`${bytes.length} bytes of an area`);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return new BufferedOutput({
    name: `o${output}`,
    writer,
    sync: true,
    blocks: true,
    queueSize: 0,
    log: { info() {}, warn() {} },
  });
}
