/** Examination of the stream of a NATS source. */

import { messageOf } from "../../errors.ts";
import { type Finding, fix, note } from "../../finding.ts";
import { lookAt, streamFinding } from "../../nats/look.ts";
import { describeServers } from "../../nats/servers.ts";
import { findStream, streamsOf } from "../../nats/stream.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import { escaped } from "../../text/escape.ts";
import type { SourceExaminer } from "../define.ts";
import { findConsumer, requireRecords, requireServer } from "./consumer.ts";
import { readerOf } from "./lease.ts";
import type { NatsSourceOptions } from "./options.ts";

/** Examines whether the stream can be read; makes and takes nothing. */
export const natsExaminer: SourceExaminer<NatsSourceOptions> = {
  async *source(options, { name }) {
    yield await sourceFinding(options, `source ${name}`);
  },
};

function sourceFinding(options: NatsSourceOptions, check: string): Promise<Finding> {
  let target: NatsTarget;
  try {
    target = targetOf(options);
  } catch (error) {
    return Promise.resolve(fix(check, messageOf(error), "see what the keys of the login name"));
  }
  const look = { check, target };
  return lookAt(look, async (connection) => {
    requireServer(connection);
    const manager = await streamsOf(connection);
    const { stream, subject: prefix, consumer, create } = options;
    if (create && await findStream(manager, stream) === undefined) {
      return note(
        check,
        `${describeServers(target)} answers; there is no stream ${stream}`,
        "a start makes it; if there was one, what waited in it is gone",
      );
    }
    const plan = streamPlan(options);
    const info = await requireRecords(manager, plan, { create: false, log() {} });
    const found = await findConsumer(manager, stream, consumer);
    const reader = await readerOf(manager, { stream, prefix, consumer });
    return streamFinding(look, info, [
      found === undefined
        ? `a start makes the consumer ${consumer}`
        : `${found.num_pending + found.num_ack_pending} of them wait for ${consumer}`,
      reader === undefined ? `none reads as ${consumer}` : `${escaped(reader)} reads`,
    ]);
  });
}
