/** The place below the last line of the table. */

import type { JSX } from "preact";
import type { StoredKind } from "../api/types.ts";
import { useCell } from "../state/cell.ts";
import type { View } from "../state/address.ts";
import { settings } from "../state/settings.ts";
import { show } from "../state/view.ts";
import type { Rows } from "../table/use_rows.ts";
import { count, moment } from "../text/format.ts";
import { presentMs } from "../time/clock.ts";
import { fixedRange, timesOf, zoomedOut } from "../time/range.ts";

/** Says why there are no further rows, and offers what leads to some. */
export function Below(
  { rows, view, kind }: { rows: Rows; view: View; kind: StoredKind },
): JSX.Element | null {
  const { zone = "local" } = useCell(settings);
  const { entries, isLoading, isEnd, isFull, reachedMs, error, more } = rows;
  if (error !== undefined) return null;
  if (isLoading) return <p class="below">Reading …</p>;
  if (reachedMs !== undefined) {
    return (
      <div class="below">
        <p>Looked through back to {moment(reachedMs, zone)}.</p>
        <button type="button" class="button" onClick={more}>Look further back</button>
      </div>
    );
  }
  const { fromMs } = timesOf(view, presentMs());
  const oldest = entries.at(-1);
  if (isFull && oldest !== undefined) {
    const toMs = oldest.timeMs + 1;
    return (
      <div class="below">
        <p>{count(entries.length)} rows are here.</p>
        <button
          type="button"
          class="button"
          onClick={() => show(fixedRange({ fromMs: Math.min(fromMs, toMs - 1), toMs }))}
        >
          Go on before {moment(toMs, zone)}
        </button>
      </div>
    );
  }
  if (!isEnd) {
    return (
      <div class="below">
        <button type="button" class="button" onClick={more}>Show older rows</button>
      </div>
    );
  }
  const longer = () => show(zoomedOut(view, presentMs()));
  if (entries.length > 0) {
    return (
      <div class="below">
        <p>That is all since {moment(fromMs, zone)}.</p>
        <button type="button" class="button" onClick={longer}>Show twice the time</button>
      </div>
    );
  }
  return (
    <div class="below below-empty">
      <h2>No {kind === "packet" ? "packets" : "flows"} here</h2>
      <p>
        {view.where === ""
          ? `None since ${moment(fromMs, zone)}.`
          : `None since ${moment(fromMs, zone)} that this search chooses.`}
      </p>
      <button type="button" class="button" onClick={longer}>Show twice the time</button>
      {view.where !== "" && (
        <button
          type="button"
          class="button"
          onClick={() => show({ where: "" })}
        >
          Search for everything
        </button>
      )}
    </div>
  );
}
