/** Looks at the servers and the stream for `nfscribe doctor`: makes and changes nothing. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Finding, fix, ok } from "../finding.ts";
import { connectTo } from "./connect.ts";
import { natsProblem } from "./problem.ts";
import { describeServers } from "./servers.ts";
import { StreamError } from "./stream.ts";
import type { NatsTarget } from "./target.ts";

/** Share of `max_bytes` from which on a stream counts as full: a message may be larger than the rest. */
const FULL = 0.9;
/** Advice where the problem has none. */
const ADVICE = "see whether nats-server runs there, and its log";

/** Subject of a look. */
export interface Look {
  /** Subject of the findings. */
  check: string;
  target: NatsTarget;
  /** First tokens of the subjects of answers. */
  inbox?: string;
}

/**
 * Connects to each server, and has the first that answers examined.
 *
 * @param examine Examines a connection; throws what is wrong.
 * @returns A finding that names each server that cannot be used.
 */
export async function lookAt(
  { check, target, inbox }: Look,
  examine: (connection: NatsConnection) => Promise<Finding>,
): Promise<Finding> {
  const problems: string[] = [];
  let found: Finding | undefined;
  for (const server of target.servers) {
    const one = { ...target, servers: [server] };
    let connection: NatsConnection;
    try {
      connection = await connectTo(one, "nfscribe doctor", inbox);
    } catch (error) {
      problems.push(natsProblem(error, one, "connect").message);
      continue;
    }
    try {
      found ??= await examine(connection);
    } catch (error) {
      const doing = error instanceof StreamError ? "use the stream" : "ask JetStream";
      found = problemFinding(check, natsProblem(error, target, doing).message);
    } finally {
      await connection.close().catch(() => {});
    }
  }
  return combined(check, target, problems, found);
}

/** Returns one finding about all servers. */
function combined(
  check: string,
  target: NatsTarget,
  problems: readonly string[],
  found: Finding | undefined,
): Finding {
  const [first] = problems;
  if (first === undefined) return found!;
  const all = target.servers.length;
  const { message, fix: advice = ADVICE } = problemFinding(check, first);
  const others = problems.slice(1).map((problem) => problem.split("; ")[0]!);
  const away = [message, ...others].join("; ");
  if (found === undefined) return fix(check, away, advice);
  const left = all - problems.length;
  const isEnough = left > all / 2;
  // It names all servers, which is not so.
  const rest = found.message.replace(`${describeServers(target)} answers; `, "");
  return fix(
    check,
    `${left} of ${all} servers answer: ${away}; ${rest}`,
    isEnough ? found.fix ?? advice : "start them: a cluster needs more than half of its servers",
  );
}

/** Makes a finding of a problem, whose text has its advice behind the first semicolon. */
function problemFinding(check: string, text: string): Finding {
  const [what, ...advice] = text.split("; ");
  return fix(check, what!, advice.join("; ") || ADVICE);
}

/**
 * Judges the state of a stream.
 *
 * @param check Subject of the finding.
 * @param info The stream.
 * @param told What else is known of it; it stands behind the state.
 */
export function streamFinding(
  { check, target }: Look,
  { config, state, cluster }: Pick<StreamInfo, "config" | "state" | "cluster">,
  told: readonly string[] = [],
): Finding {
  const { name, max_bytes: most } = config;
  const { messages, bytes } = state;
  const holds = `the stream ${name} has ${messages} ${messages === 1 ? "message" : "messages"}`;
  const message = [`${describeServers(target)} answers`, holds, ...told].join("; ");
  if (most > 0 && bytes >= FULL * most) {
    return fix(
      check,
      `the stream ${name} is full: ${bytes} of ${most} bytes (max_bytes); hosts wait`,
      "see that a central nfscribe runs and its outputs take records, or raise max_bytes there",
    );
  }
  if (cluster?.leader === "") {
    return fix(check, `the stream ${name} has no leader`, "see that most of the servers run");
  }
  const late = (cluster?.replicas ?? []).filter(({ offline, current }) => offline || !current);
  if (late.length === 0) return ok(check, message);
  const names = late.map(({ name, offline }) => `${name} (${offline ? "offline" : "behind"})`);
  return fix(
    check,
    `${message}; its copies are not whole on ${names.join(", ")}`,
    "see whether these servers run, and their logs; a server that has just started catches up",
  );
}
