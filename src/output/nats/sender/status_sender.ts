/** Sends this host's status beside the records: no acknowledgement, as the next one replaces it. */

import type { NatsConnection } from "@nats-io/transport-node";
import { DeliveryCounters } from "../../../buffer/delivery_counters.ts";
import { statusText } from "../../../nats/format/status.ts";
import { statusSubject } from "../../../nats/format/subject.ts";
import type { StreamPlan } from "../../../nats/stream.ts";
import type { Counters } from "../../../record/counters.ts";
import type { DeliverySetup } from "../../delivery/messages.ts";

/** Sender of a status. */
interface StatusTarget {
  plan: StreamPlan;
  host: string;
  /** Interval, in milliseconds. */
  statusMs: number;
}

/** Sends the status at intervals, and a last time at the end. */
export class StatusSender {
  readonly #target: StatusTarget;
  readonly #session: string;
  readonly #numbers: DeliveryCounters;
  readonly #startedMs = Date.now();
  #last: { counters: Counters; output: string } | undefined;
  #sentMs = -Infinity;

  /** Begins without counters. */
  constructor(target: StatusTarget, { session, numbers }: DeliverySetup) {
    this.#target = target;
    this.#session = session;
    this.#numbers = new DeliveryCounters(numbers);
  }

  /** Takes the counters of the process, and sends them where that is due. */
  report(counters: Counters, output: string, connection: NatsConnection | undefined): void {
    this.#last = { counters, output };
    if (performance.now() >= this.#sentMs + this.#target.statusMs) this.#send(connection, false);
  }

  /** Sends the last status; resolves when the server has it. */
  async finish(connection: NatsConnection | undefined): Promise<void> {
    this.#send(connection, true);
    await connection?.flush();
  }

  #send(connection: NatsConnection | undefined, isStopping: boolean): void {
    if (this.#last === undefined || connection === undefined || connection.isClosed()) return;
    this.#sentMs = performance.now();
    const { host, plan } = this.#target;
    const { counters, output } = this.#last;
    const sender = { host, session: this.#session, output, startedMs: this.#startedMs, isStopping };
    const text = statusText(this.#current(counters, output), sender, Date.now());
    connection.publish(statusSubject(plan.prefix, host), text);
  }

  /** Returns the counters, with what has been delivered since they were taken. */
  #current(counters: Counters, output: string): Counters {
    const stats = counters.outputs[output];
    if (stats === undefined) return counters;
    const numbers = this.#numbers;
    const [written, bytes, spooled] = [
      numbers.get("written"),
      numbers.get("bytes"),
      numbers.waiting,
    ];
    const outputs = { ...counters.outputs, [output]: { ...stats, written, bytes, spooled } };
    return { ...counters, outputs };
  }
}
