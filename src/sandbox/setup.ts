/**
 * The setup of a sandbox, as its parent hands it over.
 *
 * @module
 */

import type { Part } from "../config/config.ts";
import type { FilterPermissions } from "../filter/options.ts";
import type { StructuredPacket } from "../packet/structured.ts";

/** A source as a sandbox knows it. */
export interface SandboxSource extends Part {
  /** The outputs that its packets go to where no script decides: a bit for each. */
  mask: number;
}

/** Sources, outputs and the script of a sandbox. */
export interface SandboxSetup {
  /** Sources with complete options. */
  sources: SandboxSource[];
  /** Outputs with complete options, without what a script must not know. */
  outputs: Part[];
  /** The script's address; without one all packets go where their source says. */
  script: string | undefined;
  /** The fate of packets that the filter fails on. */
  onError: "pass" | "drop";
  /** How long a batch may take, in milliseconds: what a packet that took longer is said to have failed by. */
  timeoutMs: number;
  /** Its number, from 0. */
  worker: number;
  /** How many there are. */
  workers: number;
  /** Whether the decision about each packet is reported. */
  trace: boolean;
}

/** How a sandbox is sealed. */
export interface Seal {
  /** Its parent's process id: it ends with it. */
  parent: number;
  /** Whom it acts for, where it is started as root; undefined where it stays who it is. */
  user: { uid: number; gid: number } | undefined;
  /** The heap limit, in bytes. */
  heap: number;
  /** The rights that the script is granted. */
  permissions: FilterPermissions;
  /** Whether it goes on where the kernel refuses a part of the seal. */
  unsealed: boolean;
}

/** The first thing that a sandbox is handed. */
export interface SandboxStart {
  /** Its sources, outputs and script. */
  setup: SandboxSetup;
  /** How it is sealed. */
  seal: Seal;
}

/** The decision about a packet, or lines of the script's own between two packets. */
export interface TraceRow {
  /** The packet, without what the filter attached; absent between packets. */
  packet?: StructuredPacket;
  /** Names of the outputs that it goes to. */
  outputs: string[];
  /** Fields that the filter attached to it, as JSON in a line; absent for none. */
  attached?: string;
  /** Lines that the script emitted meanwhile, or at the packet; absent for none. */
  emitted?: EmittedLine[];
  /** How many more of them there were than are kept; absent for none. */
  emittedMore?: number;
  /** How the filter failed on it; absent where it did not. */
  error?: string;
}

/** A line that a script has emitted. */
export interface EmittedLine {
  /** The output's name. */
  output: string;
  /** Its fields, in order. */
  fields: readonly (readonly [name: string, value: string])[];
}
