/** Qualifiers: the words before a name or a number, which the next ones share. */

import type { ChoiceField, Comparison, Direction, NumberField, Side, TextField } from "./syntax.ts";

/** Kinds of names and numbers that pcap-filter(7) has. */
export type IdKind = "host" | "net" | "port" | "portrange" | "proto" | "protochain";

/** Qualifiers of pcap-filter(7). */
export interface PacketQualifiers {
  readonly of: "packet";
  /** Word of the protocol; absent if all protocols count. */
  readonly protocol?: string;
  readonly direction: Direction;
  /** Kind of name or number; absent if none was written, which means a host. */
  readonly what?: IdKind;
  readonly side?: Side;
}

/** Qualifiers of a name or number. */
export type Qualifiers =
  | PacketQualifiers
  | { readonly of: "text"; readonly field: TextField }
  | { readonly of: "choice"; readonly field: ChoiceField }
  | {
    readonly of: "number";
    readonly field: NumberField;
    readonly comparison: Comparison;
    readonly side?: Side;
  }
  | { readonly of: "mark" }
  | { readonly of: "label" };

/** Returns the direction and the kind of name as they would be written. */
export function spelled(direction: Direction, what: IdKind): string {
  const ends: Record<Direction, string> = {
    source: "src ",
    destination: "dst ",
    either: "",
    both: "src and dst ",
  };
  return ends[direction] + what;
}
