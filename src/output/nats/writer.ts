/** The privileged half of the NATS output. */

import { addressOf, describeServers } from "../../nats/servers.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import { SpoolWriter } from "../delivery/writer.ts";
import type { OutputLog } from "../output.ts";
import { type CompleteNatsOptions, SENDER } from "./prepare.ts";
import type { StreamTarget } from "./sender/receiver.ts";

/**
 * Opens the spool and connects. Servers that are away, or refuse, are no failure: records wait.
 *
 * @param options Complete options.
 * @param log Receives messages.
 * @throws {OutputError} If the spool is unusable.
 */
export function openNats(
  options: CompleteNatsOptions,
  log: OutputLog,
): Promise<SpoolWriter<StreamTarget>> {
  const { connection, create, hostname, payload, compression, messageBytes, inFlight } = options;
  const statusMs = options.statusSeconds * 1000;
  return SpoolWriter.open<StreamTarget>(options, {
    module: SENDER,
    name: "nats",
    where: describeServers(connection),
    // Files were read; the thread gets what they hold.
    needs: connection.servers.map((server) => ({
      name: "net",
      value: addressOf(server),
      why: "the NATS server",
    })),
    target: {
      connection,
      plan: streamPlan(options),
      create,
      host: hostname,
      ...{ payload, compression, messageBytes, inFlight, statusMs },
    },
    keepsLosses: true,
    sendsReports: statusMs > 0,
  }, log);
}
