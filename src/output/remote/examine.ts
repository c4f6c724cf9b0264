/** Examines whether a receiver can be reached, for `nfscribe doctor`. */

import { messageOf } from "../../errors.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { OutputExamination } from "../define.ts";
import { remoteFailure, within } from "./failure.ts";
import { completeRemote, type RemoteOptions } from "./options.ts";
import { connect } from "./socket_writer.ts";
import { describeReceiver, type HttpReceiver, type Receiver } from "./url.ts";

/** Timeout of a connection, in milliseconds. */
const TIMEOUT_MS = 5000;

/** Connects to a receiver and sends nothing; datagrams are not answered, so they prove nothing. */
export async function examineReceiver(
  receiver: Receiver,
  options: RemoteOptions,
  { check }: OutputExamination,
): Promise<Finding> {
  const where = describeReceiver(receiver);
  if (receiver.kind === "udp") return ok(check, `${where}; datagrams are not answered`);
  if (receiver.kind === "unix") return examineSocket(check, receiver.path);
  try {
    const complete = completeRemote(options);
    const target = receiver.kind === "http" ? targetOf(receiver) : receiver;
    const connection = await within(connect(target, complete), TIMEOUT_MS, "does not answer");
    connection.close();
    return ok(check, `${where} accepts connections`);
  } catch (error) {
    const { message } = remoteFailure(receiver, "connect", error);
    return fix(check, message, "see whether the receiver runs, and what the URL says");
  }
}

/** Looks at a receiver's socket, without connecting to it. */
export function examineSocket(check: string, path: string): Finding {
  try {
    if (Deno.statSync(path).isSocket === true) return ok(check, `${path} is a socket`);
    return fix(check, `${path} is no socket`, "name the socket of the receiver");
  } catch (error) {
    return fix(check, `${path}: ${messageOf(error)}`, "start the receiver, or name its socket");
  }
}

function targetOf({ url, isSecure }: HttpReceiver) {
  const { hostname, port } = new URL(url);
  const kind = isSecure ? "tls" as const : "tcp" as const;
  return {
    kind,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(port) || (isSecure ? 443 : 80),
  };
}
