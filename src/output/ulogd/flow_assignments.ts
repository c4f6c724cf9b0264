/** Prints keys of flows as ulogd's plugins GPRINT and OPRINT do. */

import { IPV4_SIZE } from "../../flow/raw_flow.ts";
import { AssignmentFormat } from "./assignments.ts";
import type { FlowKeyFormat } from "./flow_keys.ts";
import type { Key } from "./key.ts";

/** Format of one of the plugins. */
export class FlowAssignments extends AssignmentFormat implements FlowKeyFormat {
  /** Prints an address as a number: of an IPv6 address these are its first four bytes. */
  binary(key: Key, bytes: Uint8Array, at: number): void {
    this.address(key, bytes, at, false);
  }

  /** Prints an address as text. */
  text(key: Key, bytes: Uint8Array, at: number, size: number): void {
    if (size === IPV4_SIZE) this.ipv4(key, bytes, at);
    else this.ipv6(key, bytes, at);
  }
}
