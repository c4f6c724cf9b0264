/** Examination of the stream of a NATS source. */

import { messageOf } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import { connectTo } from "../../nats/connect.ts";
import { adviceOn, natsProblem } from "../../nats/problem.ts";
import { describeServers } from "../../nats/servers.ts";
import { findStream, StreamError, streamsOf } from "../../nats/stream.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import type { SourceExaminer } from "../define.ts";
import { findConsumer, requireRecords, requireServer } from "./consumer.ts";
import type { NatsSourceOptions } from "./options.ts";

/** Part of its bytes above which a stream is full: there may be no room for a message. */
const FULL = 0.95;

/** Examines whether the stream can be read; makes and takes nothing. */
export const natsExaminer: SourceExaminer<NatsSourceOptions> = {
  async *source(options, { name }) {
    yield await streamFinding(options, `source ${name}`);
  },
};

async function streamFinding(options: NatsSourceOptions, check: string): Promise<Finding> {
  let target: NatsTarget;
  try {
    target = targetOf(options);
  } catch (error) {
    return fix(check, messageOf(error), "see what the keys of the login name");
  }
  const where = describeServers(target);
  try {
    const connection = await connectTo(target, "nfscribe doctor");
    try {
      requireServer(connection);
      const manager = await streamsOf(connection);
      const { stream, consumer, create } = options;
      if (create && await findStream(manager, stream) === undefined) {
        return ok(check, `${where} answers; a start makes the stream ${stream}`);
      }
      const { config, state } = await requireRecords(manager, streamPlan(options), {
        create: false,
        log() {},
      });
      if (config.max_bytes > 0 && state.bytes > FULL * config.max_bytes) {
        return fix(
          check,
          `${stream} is full: ${state.bytes} of ${config.max_bytes} bytes, and hosts wait`,
          "have a central nfscribe read it, or raise max_bytes",
        );
      }
      const found = await findConsumer(manager, stream, consumer);
      const waiting = found === undefined ? undefined : found.num_pending + found.num_ack_pending;
      return ok(
        check,
        waiting === undefined
          ? `${where} answers; a start makes the consumer ${consumer} of ${stream}`
          : `${where} answers; ${waiting} messages of ${stream} wait for ${consumer}`,
      );
    } finally {
      await connection.close();
    }
  } catch (error) {
    const doing = error instanceof StreamError ? "read records" : "connect";
    const problem = natsProblem(error, target, doing);
    return fix(check, problem.message, adviceOn(problem));
  }
}
