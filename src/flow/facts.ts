/** Facts about a flow from which lines and the structured form are made. */

import type { FlowStatus } from "./names.ts";
import type { FlowEvent } from "./raw_flow.ts";

/** Translation of a flow's addresses and ports; absent fields were not translated. */
export interface FlowNat {
  /** Address that stands for the sender's. */
  source?: string;
  /** Port that stands for the sender's. */
  sourcePort?: number;
  /** Address that stands for the receiver's. */
  destination?: string;
  /** Port that stands for the receiver's. */
  destinationPort?: number;
}

/** Facts about one direction: those of `FlowDirection`. */
export interface DirectionFacts {
  readonly source: string;
  readonly sourcePort: number | undefined;
  readonly destination: string;
  readonly destinationPort: number | undefined;
  readonly icmpType: number | undefined;
  readonly icmpCode: number | undefined;
  readonly icmpId: number | undefined;
  readonly zone: number | undefined;
  readonly packets: number | undefined;
  readonly bytes: number | undefined;
}

/** Facts about a flow: those of `Flow` that are shown. */
export interface FlowFacts {
  readonly time: number;
  readonly event: FlowEvent;
  readonly protocol: number;
  readonly state: string | undefined;
  readonly original: DirectionFacts;
  readonly reply: DirectionFacts | undefined;
  readonly nat: FlowNat | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly duration: number | undefined;
  readonly timeout: number | undefined;
  readonly status: FlowStatus[] | undefined;
  readonly id: number | undefined;
  readonly mark: number | undefined;
  readonly zone: number | undefined;
  readonly labels: number[] | undefined;
  readonly helper: string | undefined;
  readonly securityContext: string | undefined;
  readonly master: DirectionFacts | undefined;
}
