/**
 * Random flows as decoders fill them in, for outputs of flows.
 *
 * @module
 */

import { flow, type FlowFields } from "nfscribe/testing";
import { Flow } from "../../src/flow/flow.ts";
import { type FlowStatus, STATUS_NAMES } from "../../src/flow/names.ts";
import { FLOW_EVENTS, type RawFlow } from "../../src/flow/raw_flow.ts";
import { Random } from "../fuzz/random.ts";

const PROTOCOLS = [1, 6, 17, 33, 47, 50, 58, 132, 136, 253];
const STATES = ["SYN_SENT", "ESTABLISHED", "LAST_ACK", "TIME_WAIT", "CLOSE"];
const TEXTS = ["ftp", "system_u:object_r", "<&>\"'", "café ☃", "a\nb\u001b[31m"];

/**
 * Returns random flows, with and without each thing that the kernel may tell.
 *
 * @param seed The same seed makes the same flows.
 * @param count How many.
 */
export function randomFlows(seed: number, count: number): RawFlow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const fields = randomFields(random, index);
    const raw = Flow.rawOf(flow(fields));
    return index % 4 === 0 ? withoutTimes(raw) : raw;
  });
}

/** Removes the kernel's own times, which older kernels do not send. */
function withoutTimes(raw: RawFlow): RawFlow {
  raw.seconds = raw.nanoseconds = -1;
  raw.startSeconds =
    raw.startNanoseconds =
    raw.endSeconds =
    raw.endNanoseconds =
      -1;
  return raw;
}

function randomFields(random: Random, index: number): FlowFields {
  const isSix = random.below(2) === 0;
  const protocol = random.pick(PROTOCOLS);
  const address = () =>
    isSix
      ? `2001:db8::${(1 + random.below(0xffff)).toString(16)}`
      : `192.0.2.${1 + random.below(254)}`;
  const port = () => random.below(0x10000);
  const count = () => random.below(2) === 0 ? random.below(1000) : random.bits() * 0x1fffff;
  const some = (fields: () => FlowFields) => random.below(2) === 0 ? fields() : {};
  const counters = () => ({ packets: count(), bytes: count() });
  return {
    event: random.pick(FLOW_EVENTS),
    protocol,
    source: address(),
    destination: address(),
    ...(protocol === 6 || protocol === 17) && { sourcePort: port(), destinationPort: port() },
    id: random.bits(),
    time: 1_700_000_000_000_000 + index * 1_000_003,
    ...some(() => counters()),
    ...some(() => ({ reply: counters() })),
    ...some(() => ({ nat: random.below(2) === 0 ? { source: address() } : natOf() })),
    ...some(() => ({ mark: random.bits() })),
    ...some(() => ({ zone: port() })),
    ...some(() => ({ timeout: random.bits() })),
    ...some(() => ({ status: STATUS_NAMES.filter(() => random.below(3) === 0) as FlowStatus[] })),
    ...some(() => ({ labels: [random.below(127), 127] })),
    ...some(() => ({ helper: random.pick(TEXTS) })),
    ...some(() => ({ securityContext: random.pick(TEXTS) })),
    ...some(() => protocol === 6 ? { state: random.pick(STATES) } : {}),
  };

  function natOf() {
    return { destination: address(), sourcePort: port(), destinationPort: port() };
  }
}

/**
 * Returns a flow that has its number as its source port, which every output of flows shows.
 *
 * @param number Its number, below 65,536.
 */
export function numberedFlow(number: number): RawFlow {
  return Flow.rawOf(flow({ protocol: 17, sourcePort: number, destinationPort: 53, id: number }));
}
