/** The health tab: counters of the daemon. */

import type { JSX } from "preact";

/** Shows sources, outputs, spools and losses. */
export function Health(): JSX.Element {
  return <div class="health" />;
}
