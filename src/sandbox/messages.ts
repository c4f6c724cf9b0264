/**
 * What the privileged thread, the broker and the sandboxes tell each other.
 *
 * @module
 */

import type { MessagePort } from "node:worker_threads";
import type { Part } from "../config/config.ts";
import type { SharedRing } from "./ring.ts";

/** A source as a sandbox knows it. */
export interface SandboxSource extends Part {
  /** The outputs that its packets go to where no script decides: a bit for each. */
  mask: number;
}

/** What a sandbox is made of. */
export interface SandboxSetup {
  /** The ring's memory. */
  ring: SharedRing;
  /** The mailbox's memory. */
  mailbox: SharedArrayBuffer;
  /** Sources with complete options. */
  sources: SandboxSource[];
  /** Outputs with complete options. */
  outputs: Part[];
  /** The script's address; without one all packets go where their source says. */
  script: string | undefined;
  /** What is done with packets that the filter fails on. */
  onError: "pass" | "drop";
  /** Its number, from 0. */
  worker: number;
  /** How many there are. */
  workers: number;
  /** Whether each packet is told of, with what was decided about it. */
  trace: boolean;
  /** Paths whose reading the script must not keep. */
  revoke: string[];
}

/** What starts a sandbox: the setup, and the way to talk to the privileged thread. */
export interface SandboxData extends SandboxSetup {
  /** The sandbox's end of it. */
  port: MessagePort;
}

/** From the privileged thread to the broker. */
export type ToBroker =
  | { kind: "start"; setup: SandboxSetup; port: globalThis.MessagePort; memoryMb: number }
  | { kind: "terminate" };

/** From the broker to the privileged thread. */
export type FromBroker =
  | { kind: "files"; files: string[] }
  /** The script cannot be used. */
  | { kind: "refused"; file: string; message: string }
  /** The sandbox ended, by itself or because it was told to. */
  | { kind: "ended"; reason: string };

/** From the privileged thread to a sandbox. */
export type ToSandbox =
  | InterfaceNames
  /** Asks for an answer, which comes behind all that was posted before. */
  | { kind: "ping" };

/** Names of interfaces, by index. */
export interface InterfaceNames {
  kind: "names";
  /** Number of the source that knows them so. */
  source: number;
  /** Every interface. */
  interfaces: (readonly [index: number, name: string])[];
}

/** From a sandbox to the privileged thread. Nothing in it is trusted. */
export type FromSandbox =
  /** The script is loaded and `start` is done. */
  | { kind: "ready"; tickMs: number | undefined; stops: boolean }
  /** The script cannot be used. */
  | { kind: "refused"; file: string; message: string }
  /** The script logs. */
  | { kind: "log"; message: string; fields: Record<string, string> }
  /** Something about an output or the filter that is told once. */
  | { kind: "warning"; message: string; output?: string }
  /** The script threw. */
  | { kind: "fault"; message: string }
  /** Answers a ping. */
  | { kind: "pong" }
  /** Lines wait for a slot. */
  | { kind: "events" }
  /** What was decided about packets, in order. */
  | { kind: "trace"; rows: TraceRow[] };

/** What was decided about a packet. */
export interface TraceRow {
  /** The packet in a line. */
  packet: string;
  /** Names of the outputs that it goes to. */
  outputs: string[];
  /** How the filter failed on it; absent where it did not. */
  error?: string;
}
