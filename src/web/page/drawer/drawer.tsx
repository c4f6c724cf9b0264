/** The drawer: one record, decoded. */

import type { JSX } from "preact";
import type { StoredKind } from "../api/types.ts";

/** Properties of the drawer. */
export interface DrawerProperties {
  kind: StoredKind;
  /** Address of the record in the store. */
  id: string;
  onClose(): void;
  /** Adds a term to the expression, or excludes what it chooses. */
  onTerm(term: string, isExcluded: boolean): void;
  /** Shows the page of an address. */
  onAbout(address: string): void;
}

/** Shows a record. */
export function Drawer({ kind, id, onClose }: DrawerProperties): JSX.Element {
  return (
    <div class="drawer">
      <button type="button" onClick={onClose}>Close</button>
      <p>{kind} {id}</p>
    </div>
  );
}
