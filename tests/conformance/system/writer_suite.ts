/**
 * The privileged half of an output: what every one of them promises, as the daemon uses it.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { imbalance } from "../../daemon/imbalance.ts";
import type { Options } from "../../../src/definition.ts";
import { outputs } from "../../../src/output/outputs.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { startNfscribeWith } from "../../kernel/nfscribe.ts";
import { concat } from "../../packet/sample.ts";
import { fileHeader, fileRecord } from "../../source/pcap/sample.ts";
import { canRun, must, temporaryFolder } from "../../system/process.ts";
import type { OutputCase, OutputFixture, Shown } from "../outputs/fixture.ts";
import { numbered } from "../packets.ts";
import { takenBeforeKill, writing } from "./killed_writer.ts";
import { NumberedOutput, partOf, type Table } from "./numbered_output.ts";

/** A place that an output writes to. */
export interface Place extends AsyncDisposable {
  /** A folder of the test's own. */
  folder: string;
  /** Keys of the output's table. */
  table: Table;
  /** Returns the numbers of the packets that have arrived, in the order in which they lie there. */
  arrived(): Promise<number[]>;
  /** Leaves a record at the end that a crash has cut. */
  tear(record: Uint8Array): Promise<void>;
}

/** Options of the suite for a type of output. */
export interface WriterSuite {
  /** The type. */
  type: string;
  /** Its fixture. */
  fixture: OutputFixture;
  /** Makes a place for one test. */
  place(variant: Table): Promise<Place>;
  /** Reason why it cannot be run here. */
  missing?: string | undefined;
}

/** Command that runs a shell with mounts of its own. */
const MOUNTING = ["unshare", "--map-root-user", "--mount", "sh", "-c"] as const;
const MAY_MOUNT = canRun(...MOUNTING, "mount -t tmpfs tmpfs /mnt");

const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, n) => first + n);
const shuffled = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

/** Makes a place in a folder, for outputs to files. */
export async function filePlace(
  fixture: OutputFixture,
  type: string,
  variant: Table,
): Promise<Place> {
  const { path, ...folder } = await temporaryFolder();
  const table = { ...fixture.place(path), ...variant };
  const { options } = partOf(type, table);
  return {
    folder: path,
    table,
    async arrived() {
      const names = [...Deno.readDirSync(path)].map(({ name }) => name);
      const files = names.filter((name) => name.startsWith("out")).sort().reverse();
      const read = await Promise.all(files.map((name) => Deno.readFile(`${path}/${name}`)));
      return read.flatMap((bytes) => numbersIn(fixture, bytes, options));
    },
    tear: (record) => Deno.writeFile(options.path as string, record, { append: true }),
    ...folder,
  };
}

/** Returns the numbers of the packets in a file. */
export function numbersIn(fixture: OutputFixture, bytes: Uint8Array, options: Options): number[] {
  const read: Shown[] = (fixture.readFile ?? fixture.read)(bytes, options);
  return read.map(({ sourcePort }) => sourcePort!);
}

/** Runs the suite. */
export function testWriters(suite: WriterSuite): void {
  for (const variant of suite.fixture.variants) testWriter(suite, variant);
}

function testWriter({ type, fixture, place, missing }: WriterSuite, variant: Table): void {
  const { hostname: _, ...named } = variant;
  const title = `${type} ${Object.values(named).join(" ")}`;
  const camel = Object.fromEntries(
    Object.entries(variant).map(([key, value]) => [
      key.replace(/_./g, (match) => match[1]!.toUpperCase()),
      value,
    ]),
  );
  const exceptions = fixture.exceptions(camel);

  function test(
    name: string,
    fn: (place: Place) => Promise<void>,
    { ofCase, needs }: { ofCase?: OutputCase; needs?: string | undefined } = {},
  ): void {
    const lacking = missing ?? needs;
    const reason = ofCase && exceptions[ofCase];
    if (reason !== undefined) return;
    Deno.test({
      name: `${title}: ${name}${lacking === undefined ? "" : ` (${lacking})`}`,
      ignore: lacking !== undefined,
      async fn() {
        await using there = await place(variant);
        await fn(there);
      },
    });
  }

  test("what it takes has arrived once it is closed", async ({ table, arrived }) => {
    const output = await NumberedOutput.open(type, table);
    for (let batch = 0; batch < 3; batch++) {
      await output.write(100);
      assertEquals(output.imbalance, 0);
    }
    await output.buffered.close();
    assertEquals(output.imbalance, 0);
    assertEquals(output.buffered.stats.written, 300);
    assertGreater(output.buffered.stats.bytes, 300);
    assertEquals([output.buffered.lost, output.buffered.problem], [0, undefined]);
    assertEquals(shuffled(await arrived()), upTo(300));
  });

  test("a restart goes on behind what is there", async ({ table, arrived }) => {
    for (let run = 0; run < 3; run++) {
      const output = await NumberedOutput.open(type, table, run * 50);
      await output.write(50);
      await output.buffered.close();
    }
    assertEquals(shuffled(await arrived()), upTo(150));
  });

  test("no sandbox gets the path that it writes to, or a password", async ({ table, folder }) => {
    const { options } = partOf(type, table);
    const told = JSON.stringify(outputs[type]!.sandboxOptions(options));
    assert(!told.includes(folder), told);
    assert(!told.includes("url") && !told.includes("password"), told);
    await Promise.resolve();
  });

  test("a torn end is repaired, and nothing is lost or twice", async ({ table, arrived, tear }) => {
    const first = await NumberedOutput.open(type, table);
    await first.write(50);
    await first.buffered.close();
    const record = first.encode(60_000);
    for (const [run, cut] of [1, record.length >> 1, record.length - 1].entries()) {
      await tear(record.slice(0, cut));
      const next = await NumberedOutput.open(type, table, 50 * (run + 1));
      await next.write(50);
      await next.buffered.close();
    }
    const numbers = shuffled(await arrived());
    // A line of text that lacks its end alone is whole.
    assertEquals(numbers.filter((number) => number < 60_000), upTo(200));
  }, { ofCase: "torn end" });

  test("a kill and a restart lose nothing that was taken, and repeat nothing", async (place) => {
    const { table, arrived } = place;
    const taken = await takenBeforeKill(type, table, 200);
    const output = await NumberedOutput.open(type, table, 50_000);
    await output.write(50);
    await output.buffered.close();
    const numbers = shuffled(await arrived());
    const before = numbers.filter((number) => number < 50_000);
    assertEquals(before, upTo(before.length));
    assertGreater(before.length, taken - 1);
    assertLess(before.length, 40_000);
    assertEquals(numbers.slice(before.length), upTo(50, 50_000));
  }, { ofCase: "kill" });

  test("a stop under load writes what was taken", async ({ table, arrived }) => {
    const output = await NumberedOutput.open(type, {
      ...table,
      ...table.path !== undefined && fixture.server === undefined && { sync: false },
    });
    const writing = upTo(40).map(() => output.write(200));
    await Promise.all(writing);
    output.buffered.expedite();
    await output.buffered.close();
    assertEquals(output.imbalance, 0);
    const { written, dropped, failed } = output.buffered.stats;
    assertEquals([written, dropped, failed], [8000, 0, 0]);
    assertEquals(shuffled(await arrived()), upTo(8000));
  });

  test("losses are noted where they happened", async ({ table }) => {
    const output = await NumberedOutput.open(type, table);
    await output.write(10);
    output.buffered.noteLoss({ source: "nflog:1", packets: 7, seconds: 1, nanoseconds: 0 });
    await output.write(10);
    output.buffered.noteLoss({ source: "nflog:1", packets: 5, seconds: 2, nanoseconds: 0 });
    await output.buffered.close();
    const bytes = await Deno.readFile(table.path as string);
    assertEquals(fixture.losses!(bytes), [7, 5]);
    assertEquals(numbersIn(fixture, bytes, partOf(type, table).options), upTo(20));
    assertEquals(output.buffered.stats.written, 20);
  }, { ofCase: "loss marks" });

  test("after its file was moved a reopening goes on in a new one", async ({ table, arrived }) => {
    const path = table.path as string;
    const output = await NumberedOutput.open(type, table);
    await output.write(50);
    await Deno.rename(path, `${path}.1`);
    await output.buffered.reopen();
    await output.write(50);
    // A file that is there still is gone on with.
    await output.buffered.reopen();
    await output.write(50);
    await output.buffered.close();
    assertEquals(await arrived(), upTo(150));
    const { options } = partOf(type, table);
    assertEquals(numbersIn(fixture, await Deno.readFile(`${path}.1`), options), upTo(50));
    assertEquals(output.said, []);
  }, { ofCase: "reopen" });

  test(
    "a slow reader gets whole records in their order, and what had no room is counted",
    async ({ table, folder }) => {
      for (const when of ["drop", "block"] as const) {
        const pipe = `${folder}/pipe-${when}`;
        await must(["mkfifo", pipe]);
        const reading = Deno.open(pipe, { read: true });
        const output = await NumberedOutput.open(type, {
          ...table,
          path: pipe,
          when_behind: when,
          queue_size: 1_048_576,
        });
        using reader = await reading;
        let done = false;
        const read = (async () => {
          const pieces: Uint8Array[] = [];
          const buffer = new Uint8Array(65536);
          // A reader that begins at once may be as fast as the writer on a busy machine.
          while (when === "drop" && output.buffered.stats.dropped === 0 && !done) await delay(1);
          for (let length = 0; length !== null;) {
            length = (await reader.read(buffer))!;
            if (length !== null) pieces.push(buffer.slice(0, length));
            if (!done) await delay(1);
          }
          return concat(...pieces);
        })();
        // More than the queue, the pipe and what is being written hold, of the shortest records, too.
        const batches = when === "drop" ? 110 : 60;
        for (let batch = 0; batch < batches; batch++) await output.write(500);
        assertEquals(output.imbalance, 0);
        done = true;
        await output.buffered.close();
        const { written, dropped } = output.buffered.stats;
        assertEquals([output.imbalance, written + dropped], [0, 500 * batches]);
        const numbers = numbersIn(fixture, await read, partOf(type, table).options);
        assertEquals(numbers.length, written);
        assertEquals(numbers, shuffled(numbers));
        assertEquals(dropped > 0, when === "drop", `${dropped}`);
      }
    },
    { ofCase: "slow reader" },
  );

  test("a reader that takes nothing holds up no stop", async ({ table, folder }) => {
    const pipe = `${folder}/pipe`;
    await must(["mkfifo", pipe]);
    const reading = Deno.open(pipe, { read: true });
    const output = await NumberedOutput.open(type, { ...table, path: pipe, when_behind: "drop" });
    using _reader = await reading;
    for (let batch = 0; batch < 20; batch++) await output.write(500);
    const closing = output.buffered.close();
    output.buffered.stopNow();
    await closing;
    assertEquals(output.imbalance, 0);
    assertGreater(output.buffered.stats.dropped, 0);
  }, { ofCase: "slow reader" });

  test("a full disk leaves whole records, and it goes on once there is room", async (place) => {
    const { folder, table } = place;
    const words = writing(type, table, "65000", `${folder}/ballast`);
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `mount -t tmpfs -o size=1m tmpfs ${folder} && ${quoted} && cat ${table.path}`;
    const child = new Deno.Command(MOUNTING[0], {
      args: [...MOUNTING.slice(1), script],
      stderr: "inherit",
      stdin: "null",
    });
    const { code, stdout } = await child.output();
    assertEquals(code, 0);
    const end = stdout.indexOf(0x0a) + 1;
    const report = JSON.parse(new TextDecoder().decode(stdout.subarray(0, end)));
    assertEquals(report.imbalance, 0);
    assertGreater(report.whenFull, 500);
    assert(/Cannot write .*space/.test(report.problem), report.problem);
    const numbers = numbersIn(fixture, stdout.subarray(end), partOf(type, table).options);
    assertEquals(numbers.length, report.stats.written);
    assertEquals(numbers, shuffled(numbers));
    assertEquals(new Set(numbers).size, numbers.length);
  }, { ofCase: "full disk", needs: MAY_MOUNT ? undefined : "needs a mount namespace" });

  test("in a run with a filter and damaged packets the sums are right", async (place) => {
    const { folder, table, arrived } = place;
    const packets = upTo(300).map((number) => new Packet(numbered(number)).payload!);
    const records = packets.map((payload) => fileRecord(payload));
    const damaged = upTo(10).map(() => fileRecord(new Uint8Array(0)));
    await Deno.writeFile(
      `${folder}/in.pcap`,
      concat(fileHeader({ linkType: 1 }), ...damaged, ...records.map(inEthernet)),
    );
    await Deno.writeTextFile(`${folder}/filter.ts`, SCRIPT);
    const lines = Object.entries({ ...table, type }).map(([key, value]) =>
      `${key} = ${JSON.stringify(value)}`
    );
    await Deno.writeTextFile(
      `${folder}/nfscribe.toml`,
      `[[source]]\ntype = "pcap"\npath = "in.pcap"\n[filter]\nscript = "filter.ts"\n` +
        `[output.${type}]\n${lines.join("\n")}\n[log]\nformat = "json"\n`,
    );
    await using nfscribe = await startNfscribeWith(
      ["--allow-net=127.0.0.1"],
      "-c",
      `${folder}/nfscribe.toml`,
    );
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals(code, 0, stderr);
    assertEquals(imbalance(counters), []);
    assertEquals(Object.values(counters.sources)[0]!.malformed, 10);
    assertEquals(counters.filter, { passed: 150, dropped: 150, failed: 0, timedOut: 0 });
    const { written, filtered } = counters.outputs[type]!;
    assertEquals([written, filtered], [150, 150]);
    assertEquals(shuffled(await arrived()), upTo(300).filter((number) => number % 2 === 0));
  }, { ofCase: "packets" });
}

/** Drops packets of odd numbers. */
const SCRIPT = `export default (packet) => packet.sourcePort % 2 === 0;\n`;

/** Puts an Ethernet header before the packet of a record. */
function inEthernet(record: Uint8Array): Uint8Array {
  const header = new Uint8Array(14);
  header.set([8, 0], 12);
  return fileRecord(concat(header, record.subarray(16)));
}
