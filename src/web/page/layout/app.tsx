/// <reference lib="dom" />
/** The page. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ApiError } from "../api/client.ts";
import type { ServerState, StoredKind } from "../api/types.ts";
import { useQuery } from "../api/use_query.ts";
import { About } from "../about/about.tsx";
import { Icon } from "../controls/icon.tsx";
import { Notice } from "../controls/notice.tsx";
import { Health } from "../health/health.tsx";
import { useCommand } from "../keys/commands.ts";
import { Nat } from "../nat/nat.tsx";
import { Records } from "../records/records.tsx";
import { mistakeOf } from "../search/check.ts";
import { SearchLine } from "../search/line.tsx";
import { Saved } from "../search/saved.tsx";
import type { View } from "../state/address.ts";
import { useCell } from "../state/cell.ts";
import { serverState } from "../state/server.ts";
import { settings } from "../state/settings.ts";
import { show, view as presentView } from "../state/view.ts";
import { useStats } from "../table/use_rows.ts";
import { setActions } from "../text/actions.ts";
import { isLive } from "../time/range.ts";
import { Picker } from "../time/picker.tsx";
import { Boundary } from "./boundary.tsx";
import { Header, isDark } from "./header.tsx";

/** Time between two looks at the server's state, in milliseconds. */
const STATE_MS = 15_000;

/** Shows the page. */
export function App(): JSX.Element {
  const view = useCell(presentView);
  const state = useQuery<ServerState>("/api/state", {}, { againMs: STATE_MS });
  useEffect(() => {
    if (state.data === undefined) return;
    setActions(state.data.actions);
    serverState.set(state.data);
  }, [state.data]);
  const { tab, about } = view;
  const isRecords = tab === "packets" || tab === "flows";
  useStats(!isRecords || about !== undefined);
  useEffect(() => {
    document.title = [about ?? view.where, `nfscribe ${tab}`].filter(Boolean).join(" · ");
  }, [tab, about, view.where]);
  const failed = state.error !== undefined && state.data === undefined;
  return (
    <>
      <Header view={view} />
      <main class={`main main-${about === undefined ? tab : "about"}`}>
        <Boundary part={`${tab} ${about ?? ""} ${view.where}`}>
          {failed
            ? <Notice text={state.error!.message} onRetry={state.retry} />
            : isRecords
            ? <Search view={view} state={state.data} />
            : tab === "nat"
            ? <Nat />
            : <Health />}
        </Boundary>
      </main>
    </>
  );
}

/** Shows the search line, and what it finds. */
function Search({ view, state }: { view: View; state: ServerState | undefined }): JSX.Element {
  const { tab, where, about } = view;
  const kind: StoredKind = tab === "flows" ? "flow" : "packet";
  const { zone = "local", theme } = useCell(settings);
  const [isPaused, setPaused] = useState(false);
  const [refusal, setRefusal] = useState<ApiError>();
  const isNow = isLive(view);
  // Actions are made of prefixes, and the server says of which.
  const isKnown = state !== undefined || !where.includes("action");
  const turn = () => isNow && setPaused(!isPaused);
  useCommand("pause", turn);
  useEffect(() => setPaused(false), [view.from, view.to]);
  const onSearch = (where: string) => show({ where, id: undefined, about: undefined });
  return (
    <>
      <div class="query">
        <SearchLine
          key={kind}
          kind={kind}
          where={where}
          refusal={refusal && { reason: refusal.message, place: refusal.place }}
          onSearch={onSearch}
        />
        <Saved kind={kind} where={where} onSearch={onSearch} />
        <Picker
          range={view}
          zone={zone}
          oldestMs={state?.store?.kinds.find((one) => one.kind === kind)?.oldestMs}
          onRange={(range) => show(range)}
        />
        {about === undefined && (
          <button
            type="button"
            class={`button live ${isNow && !isPaused ? "live-on" : ""}`}
            title={isNow
              ? "Hold new rows, or go on (p)"
              : "The range has ended; l goes back to now"}
            aria-pressed={isNow && isPaused}
            disabled={!isNow}
            onClick={turn}
          >
            <Icon name={isPaused || !isNow ? "play" : "pause"} />
            <span>{!isNow ? "Past" : isPaused ? "Paused" : "Live"}</span>
          </button>
        )}
      </div>
      {!isKnown
        ? null
        : about !== undefined
        ? <About address={about} view={view} kind={kind} theme={isDark(theme) ? "dark" : "light"} />
        : mistakeOf(where, kind) !== undefined
        ? (
          <div class="below below-empty">
            <h2>This search cannot be read</h2>
            <p>The search line says why, and what would be right.</p>
          </div>
        )
        : (
          <Records
            view={view}
            kind={kind}
            isPaused={isPaused}
            onRefusal={setRefusal}
            onResume={() => setPaused(false)}
            theme={isDark(theme) ? "dark" : "light"}
          />
        )}
    </>
  );
}
