/// <reference lib="dom" />
/** The head of the page: tabs, and the state of the daemon. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { IconButton } from "../controls/icon_button.tsx";
import { useCommand } from "../keys/commands.ts";
import { Help } from "../keys/help.tsx";
import { queryOf, type Tab, type View } from "../state/address.ts";
import { useCell } from "../state/cell.ts";
import { liveState, serverState, statsHistory } from "../state/server.ts";
import { setSettings, settings } from "../state/settings.ts";
import { show } from "../state/view.ts";
import { count, shortCount } from "../text/format.ts";
import { ratesOf } from "./rates.ts";

const TITLES: readonly (readonly [tab: Tab, title: string, key: string])[] = [
  ["packets", "Packets", "1"],
  ["flows", "Flows", "2"],
  ["nat", "NAT", "3"],
  ["health", "Health", "4"],
];

/** Shows the head. */
export function Header({ view }: { view: View }): JSX.Element {
  const { zone = "local", theme } = useCell(settings);
  const state = useCell(serverState);
  const [isHelp, setHelp] = useState(false);
  const choose = (tab: Tab) => show(changeTo(view, tab));
  useCommand("packets", () => choose("packets"));
  useCommand("flows", () => choose("flows"));
  useCommand("nat", () => choose("nat"));
  useCommand("health", () => choose("health"));
  const turn = () => setSettings({ theme: isDark(theme) ? "light" : "dark" });
  useCommand("theme", turn);
  useCommand("help", () => setHelp(true));
  useCommand("copyLink", () => navigator.clipboard?.writeText(location.href));
  return (
    <header class="head">
      <h1 class="head-name">
        nf<b>scribe</b>
        {state?.store?.hosts.length === 1 && <span class="head-host">{state.store.hosts[0]}</span>}
      </h1>
      <nav class="head-tabs" aria-label="Parts">
        {TITLES.map(([tab, title, key]) => (
          <a
            key={tab}
            href={queryOf({ ...view, ...changeTo(view, tab) })}
            aria-current={tab === view.tab ? "page" : undefined}
            title={`${title} (${key})`}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              choose(tab);
            }}
          >
            {title}
          </a>
        ))}
      </nav>
      <span class="toolbar-gap" />
      <Pulse />
      <button
        type="button"
        class="button button-quiet wide-only"
        title="Times of this browser's zone, or UTC"
        onClick={() => setSettings({ zone: zone === "utc" ? "local" : "utc" })}
      >
        {zone === "utc" ? "UTC" : "Local"}
      </button>
      <IconButton icon="theme" label="Light or dark" hint="d" look="button-quiet" onClick={turn} />
      <IconButton
        icon="help"
        label="Keys"
        hint="?"
        look="button-quiet head-help"
        onClick={() => setHelp(true)}
      />
      {isHelp && <Help onClose={() => setHelp(false)} />}
    </header>
  );
}

/** Shows the rate of records and whether any are lost; it leads to health. */
function Pulse(): JSX.Element {
  const history = useCell(statsHistory);
  const live = useCell(liveState);
  const rates = ratesOf(history);
  const [kind, text] = live === "lost"
    ? ["bad", "No connection"]
    : history.length === 0
    ? ["quiet", live === undefined ? "Not live" : "Connecting"]
    : rates === undefined
    ? ["quiet", "Daemon away"]
    : rates.lost > 0
    ? ["bad", `${count(rates.lost)} lost`]
    : ["good", `${shortCount(rates.perSecond)}/s`];
  return (
    <button
      type="button"
      class={`button button-quiet pulse pulse-${kind}`}
      title={rates === undefined
        ? "The daemon's counters"
        : `${count(Math.round(rates.perSecond))} a second, ${
          count(rates.lost)
        } lost in the last minutes; ${count(rates.lostAll)} lost since its start`}
      aria-label={`Health: ${text}`}
      onClick={() => show({ tab: "health", about: undefined, id: undefined })}
    >
      <span class="pulse-dot" />
      {text}
    </button>
  );
}

/** Returns the change that leads to a tab: each kind of record has expressions of its own. */
function changeTo(view: View, tab: Tab): Partial<View> {
  const isSame = tab === view.tab;
  return { tab, about: undefined, id: undefined, ...!isSame && { where: "", by: undefined } };
}

/** Returns whether the page is dark, by choice or as the system is. */
export function isDark(theme: "light" | "dark" | undefined): boolean {
  return theme === undefined
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : theme === "dark";
}
