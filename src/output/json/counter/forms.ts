/** Counters as objects of each format. */

import { Counter } from "../../../counter/counter.ts";
import type { RawCounter } from "../../../counter/raw_counter.ts";
import { structuredCounter } from "../../../counter/structured.ts";
import { ECS_VERSION, MODULE } from "../ecs.ts";
import { classMembers, deviceMember, metadataOf, TRAFFIC_ACTIVITY } from "../ocsf.ts";
import type { PrinterOptions } from "../options.ts";

/** An object of JSON; members that are undefined are left out. */
export type Form = Readonly<Record<string, unknown>>;

/** Makes the object of a counter. */
export type CounterForm = (raw: RawCounter, options: PrinterOptions) => Form;

/** Returns the structured form. */
export function nfscribeForm(raw: RawCounter, options: PrinterOptions): Form {
  const { capture, extra } = raw;
  const host = raw.host || options.hostname;
  const session = raw.session || options.session;
  return { ...structuredCounter(new Counter(raw), { host, capture, session, extra }) };
}

/** Returns an event of the Elastic Common Schema: a metric of what the host counted. */
export function ecsForm(raw: RawCounter, options: PrinterOptions): Form {
  const { time, host, ...own } = nfscribeForm(raw, options);
  const { packets, bytes, interval, type: _, version: _v, ...rest } = own;
  return {
    "@timestamp": time,
    ecs: { version: ECS_VERSION },
    event: {
      ...{ kind: "metric", category: ["network"], type: ["info"], ...MODULE },
      dataset: "nfscribe.counter",
      duration: typeof interval === "number" ? Math.round(interval * 1e9) : undefined,
    },
    host: host === undefined ? undefined : { name: host },
    observer: { type: "firewall", product: "nfscribe" },
    network: packets === undefined ? undefined : { bytes, packets },
    nfscribe: rest,
  };
}

/** Returns Network Activity of the Open Cybersecurity Schema Framework: traffic without addresses. */
export function ocsfForm(raw: RawCounter, options: PrinterOptions): Form {
  const { time, host, capture, packets, bytes, interval, ...own } = nfscribeForm(raw, options);
  const { type: _, version: _v, ...rest } = own;
  const milliseconds = Date.parse(String(time));
  return {
    time: milliseconds,
    ...classMembers(TRAFFIC_ACTIVITY),
    metadata: metadataOf(String(capture ?? ""), ["host"]),
    ...deviceMember(typeof host === "string" ? host : ""),
    traffic: packets === undefined ? undefined : { bytes, packets },
    unmapped: { ...rest, interval },
  };
}
