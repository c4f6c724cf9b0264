/** Examination of the stream of a NATS output. */

import { messageOf } from "../../errors.ts";
import { type Finding, fix, note, ok } from "../../finding.ts";
import { tokenOf } from "../../nats/format/subject.ts";
import { lookAt, streamFinding } from "../../nats/look.ts";
import { describeServers } from "../../nats/servers.ts";
import { findStream, streamsOf } from "../../nats/stream.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import type { OutputExamination } from "../define.ts";
import { withHostname } from "../host_name.ts";
import type { NatsOutputOptions } from "./options.ts";
import { requireRoom, requireStream } from "./require_stream.ts";

/** Connects as the output does, and looks at the stream; makes and sends nothing. */
export function examineNats(
  options: NatsOutputOptions,
  { check }: OutputExamination,
): Promise<Finding> {
  let target: NatsTarget;
  let hostname: string;
  try {
    target = targetOf(options);
    ({ hostname } = withHostname(options, "rows"));
  } catch (error) {
    return Promise.resolve(fix(check, messageOf(error), "see what the keys of the login name"));
  }
  const look = { check, target, inbox: `_INBOX.${tokenOf(hostname)}` };
  return lookAt(look, async (connection) => {
    requireRoom(connection, options.messageBytes);
    const plan = streamPlan(options);
    const where = describeServers(target);
    const isMissing = options.create &&
      await findStream(await streamsOf(connection), plan.name) === undefined;
    if (isMissing) return ok(check, `${where} answers; a start makes the stream ${plan.name}`);
    const info = await requireStream(connection, { plan, create: false }, { info() {} });
    if (info !== undefined) return streamFinding(look, info);
    return note(
      check,
      `${where} answers; whether the stream takes records is not known`,
      `allow this user to publish to $JS.API.STREAM.INFO.${plan.name}`,
    );
  });
}
