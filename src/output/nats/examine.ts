/** Examination of the stream of a NATS output. */

import { type Finding, fix, ok } from "../../finding.ts";
import { connectTo } from "../../nats/connect.ts";
import { adviceOn, natsProblem } from "../../nats/problem.ts";
import { describeServers } from "../../nats/servers.ts";
import { findStream, streamsOf } from "../../nats/stream.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import type { OutputExamination } from "../define.ts";
import type { NatsOutputOptions } from "./options.ts";
import { requireRoom, requireStream } from "./require_stream.ts";

/** Connects, and looks at the stream; makes and sends nothing. */
export async function examineNats(
  options: NatsOutputOptions,
  { check }: OutputExamination,
): Promise<Finding> {
  let target: NatsTarget;
  try {
    target = targetOf(options);
  } catch (error) {
    return fix(check, (error as Error).message, "see what the keys of the login name");
  }
  const where = describeServers(target);
  try {
    const connection = await connectTo(target, "nfscribe doctor");
    try {
      requireRoom(connection, options.messageBytes);
      const plan = streamPlan(options);
      if (options.create) {
        const manager = await streamsOf(connection);
        if (await findStream(manager, plan.name) === undefined) {
          return ok(check, `${where} answers; a start makes the stream ${plan.name}`);
        }
      }
      const found = await requireStream(connection, { plan, create: false }, { info() {} });
      return ok(check, `${where} answers; ${found ?? "this user may not look at streams"}`);
    } finally {
      await connection.close();
    }
  } catch (error) {
    const problem = natsProblem(error, target, "connect");
    return fix(check, problem.message, adviceOn(problem));
  }
}
