/** The present view, bound to the address bar. */

import { queryOf, type View, viewOf } from "./address.ts";
import { type Cell, cell } from "./cell.ts";

/** The present view. */
export const view: Cell<View> = cell(viewOf(location.search));

/** Binds the view to the address bar, also for the browser's way back. */
export function bindAddress(): void {
  history.replaceState(null, "", queryOf(view.get()));
  addEventListener("popstate", () => view.set(viewOf(location.search)));
}

/**
 * Changes parts of the view.
 *
 * @param isStep Whether the browser's way back leads to the view before.
 */
export function show(change: Partial<View>, isStep = true): void {
  const next = { ...view.get(), ...change };
  const query = queryOf(next);
  if (query === queryOf(view.get())) return;
  if (isStep) history.pushState(null, "", query);
  else history.replaceState(null, "", query);
  view.set(next);
}
