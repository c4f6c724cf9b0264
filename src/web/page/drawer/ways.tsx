/** Ways on from a record: its flow, and downloads. */

import type { JSX } from "preact";
import {
  conversationExpression,
  flowExpression,
  flowPacketsExpression,
  flowsExpression,
} from "../../copy/expression.ts";
import { addressOf } from "../api/client.ts";
import { useCell } from "../state/cell.ts";
import { serverState } from "../state/server.ts";
import { queryOf, type Tab, type View } from "../state/address.ts";
import { show, view } from "../state/view.ts";
import { timesOf } from "../time/range.ts";
import type { CopiedRow } from "./copies.tsx";
import { presentMs } from "../time/clock.ts";

/** Properties of the ways on. */
export interface WaysProperties {
  row: CopiedRow;
  /** Address of the record in the store. */
  id: string;
  /** Whether its bytes are stored. */
  hasBytes: boolean;
}

/** Offers the record's flow, and capture files. */
export function Ways({ row, id, hasBytes }: WaysProperties): JSX.Element {
  const state = useCell(serverState);
  const { from, to } = useCell(view);
  const packets = row.type === "flow" ? flowPacketsExpression(row) : conversationExpression(row);
  const flows = row.type === "flow" ? flowExpression(row) : flowsExpression(row);
  const { fromMs, toMs } = timesOf({ from, to }, presentMs());
  const hasFlows = state?.tables.flows ?? false;
  const hasPayload = state?.tables.payload ?? false;
  return (
    <nav class="drawer-bar" aria-label="Ways on">
      {packets !== undefined && <Search tab="packets" where={packets} title="All of this flow" />}
      {flows !== undefined && hasFlows && (
        <Search
          tab="flows"
          where={flows}
          title={row.type === "flow" ? "All records of this flow" : "This flow's records"}
        />
      )}
      {hasBytes && (
        <Download
          title="This packet as pcap"
          parameters={{ format: "pcap", kind: "packet", id }}
        />
      )}
      {packets !== undefined && hasPayload && (
        <Download
          title="This flow as pcap"
          parameters={{ format: "pcap", kind: "packet", where: packets, from: fromMs, to: toMs }}
        />
      )}
    </nav>
  );
}

/** Links to a search; a press follows the link without loading the page. */
function Search({ tab, where, title }: { tab: Tab; where: string; title: string }): JSX.Element {
  const change: Partial<View> = { tab, where, id: undefined, about: undefined };
  return (
    <a
      class="button"
      href={queryOf({ ...view.get(), ...change })}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        show(change);
      }}
    >
      {title}
    </a>
  );
}

function Download(
  { title, parameters }: { title: string; parameters: Record<string, string | number> },
): JSX.Element {
  return <a class="button" href={addressOf("/api/download", parameters)} download>{title}</a>;
}
