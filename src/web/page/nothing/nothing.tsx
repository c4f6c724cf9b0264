/** The view of a store in which there is nothing yet. */

import type { JSX } from "preact";
import type { ServerState, StoredKind } from "../api/types.ts";
import { Code } from "./code.tsx";
import { Findings } from "./findings.tsx";

/** Subject of the finding about flows. */
const FLOWS = "flows";

/** Properties of the view. */
export interface NothingProperties {
  state: ServerState;
  kind: StoredKind;
}

/** Says why nothing arrives, and which rule would change that. */
export function Nothing({ state, kind }: NothingProperties): JSX.Element {
  const { nothing, rules, stats } = state;
  const findings = nothing.filter(({ check }) => kind === "flow" || check !== FLOWS)
    .toSorted((one, other) => Number(other.check === FLOWS) - Number(one.check === FLOWS));
  return (
    <div class="nothing">
      <h2>No {kind}s yet</h2>
      <p class="nothing-lead">{leadOf(state, kind)}</p>
      {kind === "packet" && rules.length > 0 && (
        <section class="nothing-part" aria-labelledby="nothing-rules">
          <h3 id="nothing-rules">Add a rule</h3>
          <p>
            One of these logs new connections, and changes nothing else.{" "}
            {stats ? "The first packet appears here by itself." : ""}
          </p>
          {rules.map((rule) => <Code key={rule} text={rule} />)}
        </section>
      )}
      {findings.length > 0 && (
        <section class="nothing-part" aria-labelledby="nothing-found">
          <h3 id="nothing-found">Found</h3>
          <Findings findings={findings} />
        </section>
      )}
    </div>
  );
}

function leadOf({ store, stats }: ServerState, kind: StoredKind): string {
  if (store === null) return "There is no store to look into.";
  const received = Object.values(stats?.sources ?? {})
    .reduce((sum, source) => sum + source.received, 0);
  if (stats === null) return `${store.where} holds none, and nfscribe does not answer.`;
  if (kind === "flow") return `${store.where} holds none.`;
  return received === 0
    ? "nfscribe runs, and no rule has handed it a packet."
    : `nfscribe has received ${
      received.toLocaleString("en-US")
    } records, and none is in ${store.where}.`;
}
