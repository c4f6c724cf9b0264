import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { FRAME_MOST, type Segment, SEGMENT_SIZE } from "../../src/buffer/segment_format.ts";
import type { FromSender, SenderSetup, ToSender } from "../../src/output/postgres/sender/messages.ts";
import { Spooler } from "../../src/output/postgres/spool/spooler.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { to } from "./connect_server.ts";
import { testOnServer } from "./database.ts";
import { row } from "./sending.ts";

/** Starts the sender's thread. */
function startSender(setup: SenderSetup) {
  const url = new URL("../../src/output/postgres/sender/worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const stopped = Promise.withResolvers<void>();
  const said: string[] = [];
  worker.onmessage = ({ data }: MessageEvent<FromSender>) => {
    if (data.kind === "stopped") stopped.resolve();
    if (data.kind === "log") said.push(data.message);
  };
  const post = (message: ToSender) => worker.postMessage(message);
  post({ kind: "start", setup });
  return { post, said, stopped: stopped.promise, [Symbol.dispose]: () => worker.terminate() };
}

await testOnServer("The sender at the end of a segment", {
  async "waits for the next one, whose announcement comes late, without occupying its thread"(
    { cluster, name },
  ) {
    await using folder = await temporaryFolder();
    const session = crypto.randomUUID();
    const announced: Segment[] = [];
    const spooler = new Spooler(
      { folder: folder.path, limit: 2 ** 30, sync: "off", whenFull: "drop", session },
      { info() {}, warn() {} },
      (segment) => void announced.push(segment),
    );
    const { numbers } = spooler;
    using sender = startSender({
      connection: to(cluster.url(name)),
      table: "packets",
      create: true,
      folder: folder.path,
      session,
      host: "gate",
      flushMs: 1,
      flushRows: 100_000,
      sync: false,
      found: [],
      numbers: numbers.shared,
    });
    const bytes = row({ column: "payload", bytes: new Uint8Array(FRAME_MOST - 1000) });
    let rows = 0;
    const append = () => void (spooler.append(bytes, 1), rows++);
    append();
    sender.post({ kind: "segment", segment: announced[0]! });
    while (spooler.used < SEGMENT_SIZE) append();
    await until("the first segment is sent", () => numbers.get("written") === rows, 60_000);
    append();
    assertEquals(announced.length, 2);
    // The sender has a turn in which rows are there, by their number, and their segment is not.
    await delay(500);
    sender.post({ kind: "segment", segment: announced[1]! });
    await until("the row of the second one is sent", () => numbers.waiting === 0);
    sender.post({ kind: "stop", urgent: false });
    await sender.stopped;
    spooler.close();
    assertEquals(sender.said, ["The table packets was made"]);
  },
});
