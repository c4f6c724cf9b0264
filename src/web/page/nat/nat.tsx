/** The NAT tab: who had an address and port at a time. */

import type { JSX } from "preact";

/** Asks for the holder of a translated address, and shows the answers. */
export function Nat(): JSX.Element {
  return <div class="nat" />;
}
