/** Prepares the options of a NATS output; the writer itself is loaded only when it is opened. */

import { OutputError } from "../../errors.ts";
import { natsNeeds } from "../../nats/options.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import type { Need } from "../../permission.ts";
import { type CompleteDelivery, completeDelivery } from "../delivery/complete.ts";
import { deliveryNeeds } from "../delivery/needs.ts";
import type { MessageEncoderOptions } from "./encoder.ts";
import type { NatsOutputOptions } from "./options.ts";

/** Options completed by the privileged process. */
export type CompleteNatsOptions = Omit<NatsOutputOptions, "hostname"> & CompleteDelivery & {
  /** Servers, certificates and secrets. */
  connection: NatsTarget;
};

/** Entry of the sender's thread, below `src/`. */
export const SENDER = "output/nats/sender/worker.ts";

/**
 * Adds the options that only the privileged process knows: the host's name, the session, and what
 * files hold.
 *
 * @throws {OutputError} If one of them cannot be read; the message contains no secret.
 */
export function completeNatsOptions(options: NatsOutputOptions): CompleteNatsOptions {
  const { stream } = options;
  try {
    const connection = targetOf(options);
    // The sender has names of tables; all records go to the one stream.
    const tables = { table: stream, flowsTable: stream, countersTable: stream };
    return { ...completeDelivery(options), ...tables, connection };
  } catch (error) {
    throw new OutputError("nats", (error as Error).message, { cause: error });
  }
}

/** Returns the permissions that a NATS output needs. */
export function natsOutputNeeds(options: NatsOutputOptions): Need[] {
  return [...deliveryNeeds(options), ...natsNeeds(options)];
}

/** Returns the options for the sandbox: without addresses and secrets. */
export function messageOptions(
  { payload, messageBytes, hostname, session }: MessageEncoderOptions,
): MessageEncoderOptions & Record<string, unknown> {
  return { payload, messageBytes, hostname, session };
}
