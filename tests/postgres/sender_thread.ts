/**
 * The sender's thread without the output around it: the test itself says when a segment is
 * announced, and what time it is.
 *
 * @module
 */

import type { Segment } from "../../src/buffer/segment_format.ts";
import type { FromSender, ToSender } from "../../src/output/delivery/messages.ts";
import type { PostgresTarget } from "../../src/output/postgres/sender/receiver.ts";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { temporaryFolder } from "../system/process.ts";
import { to } from "./connect_server.ts";

/** Starts the sender's thread for a database, with a spool of its own. */
export async function startSender(
  database: string,
  { flushMs = 1, announces = true }: { flushMs?: number; announces?: boolean } = {},
) {
  const folder = await temporaryFolder();
  const session = crypto.randomUUID();
  const announced: Segment[] = [];
  const spooler = new Spooler(
    { folder: folder.path, limit: 2 ** 30, sync: "off", whenFull: "drop", session },
    { info() {}, warn() {} },
    (segment) => {
      if (announces) post({ kind: "segment", segment });
      announced.push(segment);
    },
  );
  const url = new URL("clock_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module", name: session });
  const clock = new BroadcastChannel(session);
  const ready = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const said: string[] = [];
  worker.onmessage = ({ data }: MessageEvent<FromSender | "loaded">) => {
    if (data === "loaded") {
      post({ kind: "start", setup, target: { connection: to(database), create: true } });
    } else if (data.kind === "ready") ready.resolve();
    else if (data.kind === "stopped") stopped.resolve();
    else if (data.kind === "log") said.push(data.message);
  };
  const post = (message: ToSender<PostgresTarget>) => worker.postMessage(message);
  const setup = {
    tables: { packet: "packets", flow: "flows", counter: "counters" },
    folder: folder.path,
    session,
    host: "gate",
    flushMs,
    flushRows: 100_000,
    sync: false,
    found: [],
    numbers: spooler.numbers.shared,
  };
  await ready.promise;
  return {
    spooler,
    announced,
    said,
    post,
    /** Sets the clock of the thread. */
    setClock: (shiftMs: number) => clock.postMessage(shiftMs),
    /** Waits until the thread has sent everything. */
    async stop() {
      post({ kind: "stop", urgent: false });
      await stopped.promise;
    },
    async [Symbol.asyncDispose]() {
      worker.terminate();
      clock.close();
      spooler.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
