/** Setup of a sandbox, as its parent sends it. */

import type { Part } from "../config/config.ts";
import type { Expression } from "../filter/expression/syntax.ts";
import type { FilterPermissions } from "../filter/options.ts";
import type { ActionPatterns } from "../packet/actions.ts";
import type { StructuredCounter } from "../counter/structured.ts";
import type { StructuredFlow } from "../flow/structured.ts";
import type { StructuredPacket } from "../packet/structured.ts";

/** Source of a sandbox. */
export interface SandboxSource extends Omit<Part, "where"> {
  /** Bit for each output that its records go to without a filter's decision. */
  mask: number;
  /** Expression that chooses its records before the filter; all where it is absent. */
  where?: Expression;
}

/** Output of a sandbox. */
export interface SandboxOutput extends Omit<Part, "where"> {
  /** Expression that chooses its packets and flows; all where it is absent. */
  where?: Expression;
}

/** Sources, outputs and script of a sandbox. */
export interface SandboxSetup {
  /** Sources with complete options. */
  sources: SandboxSource[];
  /** Outputs with complete options, without those that a script must not know. */
  outputs: SandboxOutput[];
  /** Expression that chooses packets and flows before the script; all where it is absent. */
  where?: Expression;
  /** Actions of rules, by patterns of prefixes. */
  actions: ActionPatterns;
  /** URL of the script; without one all packets go to the outputs of their source. */
  script: string | undefined;
  /** Treatment of packets that the filter fails on. */
  onError: "pass" | "drop";
  /** Time limit of a batch, in milliseconds, for the text about packets that exceeded it. */
  timeoutMs: number;
  /** Number of the sandbox, from 0. */
  worker: number;
  /** Number of sandboxes. */
  workers: number;
  /** Whether decisions about packets are traced. */
  trace: boolean;
}

/** Options of the seal. */
export interface Seal {
  /** Process id of the parent; the sandbox ends with it. */
  parent: number;
  /** User to change to, if it is started as root; undefined to keep the user. */
  user: { uid: number; gid: number } | undefined;
  /** The heap limit, in bytes. */
  heap: number;
  /** Permissions of the script. */
  permissions: FilterPermissions;
  /** Whether it continues if the kernel refuses a part of the seal. */
  unsealed: boolean;
}

/** First message of a sandbox. */
export interface SandboxStart {
  /** Its sources, outputs and script. */
  setup: SandboxSetup;
  /** Options of the seal. */
  seal: Seal;
}

/** Decision about a record, or lines of the script between two. */
export interface TraceRow {
  /** The packet, without what the filter attached; absent for other records, and between two. */
  packet?: StructuredPacket;
  /** The flow, without what the filter attached. */
  flow?: StructuredFlow;
  /** The counter, without what the filter attached. */
  counter?: StructuredCounter;
  /** Names of the outputs that it goes to. */
  outputs: string[];
  /** Fields that the filter attached, as one line of JSON; absent for none. */
  attached?: string;
  /** Lines that the script emitted; absent for none. */
  emitted?: EmittedLine[];
  /** Number of further lines that were not kept; absent for none. */
  emittedMore?: number;
  /** Failure of the filter; absent if there is none. */
  error?: string;
}

/** Line that a script emitted. */
export interface EmittedLine {
  /** Name of the output. */
  output: string;
  /** Fields, in order. */
  fields: readonly (readonly [name: string, value: string])[];
}
