/** Follows what senders say of themselves: the stream that has the last status of each host. */

import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type HostStatus, parseStatus } from "../../nats/format/status.ts";
import { parseSubject, tokenOf } from "../../nats/format/subject.ts";
import { statusStream } from "../../nats/format/subject.ts";

/**
 * Takes the last status of each host, then each new one, until the connection ends.
 *
 * @param connection An open connection.
 * @param stream Name of the stream of records.
 * @param prefix First tokens of the subjects.
 * @param take Takes a status, and the time at which the server had it, in milliseconds since the
 *   Unix epoch.
 * @throws The error of the server or the network, as where there is no such stream.
 */
export async function followStatus(
  connection: NatsConnection,
  { stream, prefix }: { stream: string; prefix: string },
  take: (status: HostStatus, timeMs: number) => void,
): Promise<void> {
  const { consumers } = jetstream(connection);
  // Nothing is acknowledged, and every centre gets all.
  const consumer = await consumers.get(statusStream(stream), {
    deliver_policy: DeliverPolicy.LastPerSubject,
  });
  const messages = await consumer.consume();
  void connection.closed().then(() => messages.stop());
  for await (const { subject, data, timestampNanos } of messages) {
    const status = parseStatus(data);
    // A sender may write under its own subject alone: that tells who it is.
    const host = parseSubject(prefix, subject)?.host;
    if (status === undefined || tokenOf(status.host) !== host) continue;
    take(status, Math.floor(Number(timestampNanos) / 1e6));
  }
}
