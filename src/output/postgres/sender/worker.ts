/** The sender's thread, which may access the database and the spool only. */

import type { OutputLog } from "../../output.ts";
import type { FromSender, ToSender } from "./messages.ts";
import { Sender } from "./sender.ts";

declare const self: Worker;

let sender: Sender | undefined;

const log: OutputLog = {
  info: (message, fields = {}) => post({ kind: "log", level: "info", message, fields }),
  warn: (message, fields = {}) => post({ kind: "log", level: "warn", message, fields }),
};

self.onmessage = ({ data }: MessageEvent<ToSender>) => {
  if (data.kind === "start") {
    sender = new Sender(data.setup, log, {
      onFirst: (denied) =>
        post(denied === undefined ? { kind: "ready" } : { kind: "denied", message: denied }),
      onProblem: (message) => post({ kind: "problem", message }),
    });
    sender.run().catch((error) => log.warn(`The sender failed: ${(error as Error).message}`))
      .finally(() => post({ kind: "stopped" }));
  } else if (data.kind === "segment") {
    sender?.reader.add(data.segment);
  } else {
    sender?.stop(data.urgent);
  }
};

// A broken connection may reject promises that are no longer awaited, and sockets may fail without
// a listener: the sender's loop reconnects.
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  log.warn(`The connection to the database failed unexpectedly: ${event.message}`);
});

function post(message: FromSender): void {
  self.postMessage(message);
}
