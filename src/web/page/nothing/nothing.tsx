/** The view of a store in which there is nothing yet. */

import type { JSX } from "preact";
import type { ServerState, StoredKind } from "../api/types.ts";

/** Says why nothing arrives, and which rule would change that. */
export function Nothing({ kind }: { state: ServerState; kind: StoredKind }): JSX.Element {
  return <div class="nothing">No {kind}s yet</div>;
}
