/**
 * The privileged half of every source that is registered, on the real kernel.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Memory } from "../../src/bytes/memory.ts";
import type { Decoder } from "../../src/record/decoder.ts";
import type { RawRecord } from "../../src/record/kind.ts";
import { checkTable } from "../../src/schema.ts";
import { decoderOf } from "../../src/source/decoders.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED, type Reader } from "../../src/source/source.ts";
import { sources } from "../../src/source/sources.ts";
import { recordKinds } from "../conformance/kinds.ts";
import type { SourceCase } from "../conformance/sources/fixture.ts";
import { sourceFixtures } from "../conformance/sources/fixtures.ts";
import { liveSources, type Sender } from "../conformance/sources/live.ts";
import { duplicate } from "../ffi/duplicate.ts";
import { until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";

/** A descriptor that is no netlink socket. */
const STANDARD_INPUT = 0;

/** An open source with its decoder. */
class Taking {
  readonly reader: Reader;
  readonly said: string[];
  readonly #decoder: Decoder<RawRecord>;
  readonly #kind;
  readonly #memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));

  private constructor(
    type: string,
    reader: Reader,
    options: Record<string, unknown>,
    said: string[],
  ) {
    this.reader = reader;
    this.said = said;
    const { kind, decoder } = decoderOf(type, options);
    this.#kind = recordKinds[kind];
    this.#decoder = decoder;
  }

  static async open(
    type: string,
    table: Readonly<Record<string, unknown>>,
    inherited?: number,
  ): Promise<Taking> {
    const { options, problems } = checkTable(sources[type]!.entries, table, "source");
    assertEquals(problems, []);
    const said: string[] = [];
    const reader = await sources[type]!.open(options, (text) => void said.push(text), inherited);
    return new Taking(type, reader, options, said);
  }

  /** Takes what is queued. */
  take(): void {
    const { reader } = this;
    for (;;) {
      const length = reader.receive(this.#memory.bytes);
      if (length === NOTHING_QUEUED) return;
      const { seconds, nanoseconds } = reader.clock;
      this.#decoder.begin(this.#memory, 0, length, seconds, nanoseconds);
      const raw = this.#kind.makeRaw();
      while (this.#decoder.next(raw)) assert(this.#kind.sourcePort(raw) !== undefined);
    }
  }

  /** Takes packets, waiting as the daemon does, until there are so many. */
  async takeAll(packets: number): Promise<void> {
    await until(`${packets} packets`, async () => {
      this.take();
      if (this.received >= packets || this.reader.ended) return true;
      await this.reader.wait();
      return false;
    });
  }

  get received(): number {
    return this.#decoder.received;
  }

  get lost(): number {
    return this.#decoder.lost + (this.reader.lostRecords ?? 0);
  }

  get malformed(): number {
    return this.#decoder.malformed;
  }
}

Deno.test("Every type of source is tested on the kernel", () => {
  assertEquals(Object.keys(liveSources).sort(), Object.keys(sources).sort());
});

for (const [type, live] of Object.entries(liveSources)) {
  const { exceptions } = sourceFixtures[type]!;

  const test = (name: string, fn: (sender: Sender) => Promise<void>, ofCase?: SourceCase) => {
    if (ofCase !== undefined && exceptions[ofCase] !== undefined) return;
    const { missing } = live;
    testUnless(missing, `${type}: ${name}`, async () => {
      await using sender = await live.open();
      await fn(sender);
    });
  };

  test("every packet that is sent is received once, and none is invented", async (sender) => {
    const taking = await Taking.open(type, sender.table);
    await using _ = taking.reader;
    assertEquals(taking.reader.receive(new Uint8Array(DATAGRAM_MAX)), NOTHING_QUEUED);
    for (let round = 0; round < 5; round++) {
      await sender.send(100);
      await taking.takeAll(100 * (round + 1));
    }
    taking.take();
    assertEquals([taking.received, taking.lost, taking.malformed], [500, 0, 0]);
    assertEquals([taking.reader.foreign, taking.reader.droppedDatagrams], [0, 0]);
    assertEquals(taking.said, []);
  });

  test("a wait ends with a packet, and with a call", async (sender) => {
    const taking = await Taking.open(type, sender.table);
    await using _ = taking.reader;
    taking.take();
    const woken = taking.reader.wait();
    taking.reader.wake();
    await woken;
    const waiting = taking.takeAll(1);
    await sender.send(1);
    await waiting;
    assertEquals(taking.received, 1);
  });

  test("a stop delivers what is queued, and nothing after that", async (sender) => {
    const taking = await Taking.open(type, sender.table);
    await using _ = taking.reader;
    await sender.send(300);
    await taking.reader.stop();
    await sender.send(50);
    taking.take();
    assertEquals([taking.received, taking.lost], [300, 0]);
  }, "stop");

  test("closing twice, and without a packet, is no fault, and it can be opened again", async (sender) => {
    for (let round = 0; round < 3; round++) {
      const { reader } = await Taking.open(type, sender.table);
      await reader.close();
      await reader.close();
    }
  });

  test("datagrams of other senders are counted and passed over", async (sender) => {
    const taking = await Taking.open(type, sender.table);
    await using _ = taking.reader;
    for (let round = 0; round < 7; round++) await sender.forge!();
    await sender.send(3);
    await taking.takeAll(3);
    assertEquals([taking.received, taking.lost, taking.reader.foreign], [3, 0, 7]);
  }, "foreign sender");

  test("received and lost add up to what was sent, however small the buffer", async (sender) => {
    const taking = await Taking.open(type, { ...sender.table, bufferSize: 65_536 });
    await using _ = taking.reader;
    await sender.send(5000);
    taking.take();
    // What was lost at the end shows with the next one.
    await sender.send(1);
    await until("the last one", () => {
      taking.take();
      return taking.received + taking.lost === 5001;
    });
    assertGreater(taking.lost, 0);
    assertGreater(taking.reader.droppedDatagrams, 0);
  }, "loss");

  test("a reader that takes a socket over goes on where the other one left off", async (sender) => {
    const first = await Taking.open(type, sender.table);
    await sender.send(100);
    await first.takeAll(100);
    await sender.send(40);
    first.reader.leave!();
    first.take();
    await sender.send(60);
    first.take();
    const second = await Taking.open(type, sender.table, duplicate(first.reader.descriptor!));
    await using _ = second.reader;
    assertEquals([second.reader.isAdopted, second.said], [true, []]);
    await first.reader.close();
    await sender.send(30);
    const queued = 40 + 60 + 30;
    await second.takeAll(queued - (first.received - 100));
    second.take();
    assertEquals(first.received + second.received, 230);
    assertEquals(second.reader.droppedDatagrams, 0);
  }, "handover");

  test("a socket of another kind is refused, and another one is opened", async (sender) => {
    const taking = await Taking.open(type, sender.table, duplicate(STANDARD_INPUT));
    await using _ = taking.reader;
    assertEquals([taking.reader.isAdopted, taking.said.length], [false, 1]);
    await sender.send(5);
    await taking.takeAll(5);
    assertEquals(taking.received, 5);
  }, "handover");
}
