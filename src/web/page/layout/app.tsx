/** The page. */

import type { JSX } from "preact";
import { useCell } from "../state/cell.ts";
import { view } from "../state/view.ts";

/** Shows the page. */
export function App(): JSX.Element {
  const { tab } = useCell(view);
  return <main>{tab}</main>;
}
