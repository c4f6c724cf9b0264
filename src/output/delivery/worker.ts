/** The sender's thread, which may access the receiver and the spool only. */

import type { OutputLog } from "../output.ts";
import type { FromSender, ToSender } from "./messages.ts";
import type { MakeReceiver } from "./receiver.ts";
import { Sender } from "./sender.ts";

declare const self: Worker;

/** Runs the sender for the messages of this thread, which call its {@linkcode Receiver} a target. */
export function serveSender<Target>(makeReceiver: MakeReceiver<Target>): void {
  let sender: Sender | undefined;
  self.onmessage = ({ data }: MessageEvent<ToSender<Target>>) => {
    if (data.kind === "start") {
      const { setup, target } = data;
      sender = new Sender(setup, (context) => makeReceiver(target, context), log, {
        onFirst: (denied) =>
          post(denied === undefined ? { kind: "ready" } : { kind: "denied", message: denied }),
        onProblem: (message) => post({ kind: "problem", message }),
      });
      sender.run().catch((error) => log.warn(`The sender failed: ${(error as Error).message}`))
        .finally(() => post({ kind: "stopped" }));
    } else if (data.kind === "segment") {
      sender?.reader.add(data.segment);
    } else if (data.kind === "report") {
      sender?.report(data.counters, data.output);
    } else {
      sender?.stop(data.urgent);
    }
  };
  // A broken connection may reject promises that are no longer awaited, and sockets may fail without
  // a listener: the sender's loop reconnects.
  globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.warn(`The connection failed unexpectedly: ${event.message}`);
  });
}

const log: OutputLog = {
  info: (message, fields = {}) => post({ kind: "log", level: "info", message, fields }),
  warn: (message, fields = {}) => post({ kind: "log", level: "warn", message, fields }),
};

function post(message: FromSender): void {
  self.postMessage(message);
}
