/** A flow as one readable line, made from its structured form. */

import { type Figure, type Word, wordText } from "../packet/describe.ts";
import { endpoint } from "../text/endpoint.ts";
import type { StructuredDirection, StructuredFlow } from "./structured.ts";

/** Parts of a line; nothing in words acts on a terminal as `wordText` writes them. */
export interface FlowParts {
  /** Time: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** Reason of the record. */
  event: string;
  /** The sender and its port. */
  source: string;
  /** The receiver and its port. */
  destination: string;
  /** Protocol, state and ICMP's type. */
  contents: Word[];
  /** Counters, duration and the kernel's figures. */
  figures: Figure[];
}

/**
 * Returns a flow as one line: when, what became of it, who to whom, how much.
 *
 * @param flow Its structured form.
 * @returns As in `2026-11-28T07:52:34.076964Z destroy 192.0.2.1:33826 > 198.51.100.1:443 TCP CLOSE
 * packets=6/4 bytes=322/219 duration=0.5`.
 */
export function describeFlow(flow: StructuredFlow): string {
  const { time, event, source, destination, contents, figures } = flowParts(flow);
  const words = [time, event, source, ">", destination];
  return [...words, ...contents.map(wordText), ...figures.map(wordText)].join(" ");
}

/** Returns the parts of a line. */
export function flowParts(flow: StructuredFlow): FlowParts {
  const { time, event, protocol, state, original, reply } = flow;
  const contents: Word[] = [typeof protocol === "string" ? protocol : ["protocol", protocol]];
  if (state !== undefined) contents.push(state);
  if (original.icmpType !== undefined) contents.push(["type", original.icmpType]);
  if (original.icmpCode !== undefined) contents.push(["code", original.icmpCode]);
  if (original.icmpId !== undefined) contents.push(["id", original.icmpId]);
  const figures: Figure[] = [];
  if (original.packets !== undefined) {
    figures.push(["packets", `${original.packets}/${reply?.packets ?? 0}`]);
  }
  if (original.bytes !== undefined) {
    figures.push(["bytes", `${original.bytes}/${reply?.bytes ?? 0}`]);
  }
  return {
    time,
    event,
    source: endpoint(original.source, original.sourcePort),
    destination: endpoint(original.destination, original.destinationPort),
    contents,
    figures: [...figures, ...furtherFigures(flow)],
  };
}

function furtherFigures(flow: StructuredFlow): Figure[] {
  const { duration, reply, nat, mark, zone, labels, helper, master } = flow;
  const figures: Figure[] = [];
  if (duration !== undefined) figures.push(["duration", duration]);
  if (nat !== undefined && reply !== undefined) {
    const isFrom = nat.source !== undefined || nat.sourcePort !== undefined;
    const isTo = nat.destination !== undefined || nat.destinationPort !== undefined;
    if (isFrom) figures.push(["snat", endpoint(reply.destination, reply.destinationPort)]);
    if (isTo) figures.push(["dnat", endpoint(reply.source, reply.sourcePort)]);
  }
  if (mark !== undefined) figures.push(["mark", `0x${mark.toString(16)}`]);
  if (zone !== undefined) figures.push(["zone", zone]);
  if (labels !== undefined && labels.length > 0) figures.push(["labels", labels.join(",")]);
  if (helper !== undefined) figures.push(["helper", helper]);
  if (master !== undefined) figures.push(["master", directionText(master)]);
  return figures;
}

function directionText({ source, sourcePort, destination, destinationPort }: StructuredDirection) {
  return `${endpoint(source, sourcePort)}>${endpoint(destination, destinationPort)}`;
}
