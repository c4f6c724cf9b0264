/** The health tab: counters of the daemon. */

import type { ComponentChildren, JSX } from "preact";
import type { Finding, LiveStats, ServerState, Stats } from "../api/types.ts";
import { useCell } from "../state/cell.ts";
import { serverState, statsHistory } from "../state/server.ts";
import { settings } from "../state/settings.ts";
import { bytes, count, moment, shortCount } from "../text/format.ts";
import { Findings } from "../nothing/findings.tsx";
import { Hosts } from "./hosts.tsx";
import { type Part, partsOf, pointsOf, presentRate, problemsOf, type Rates } from "./rates.ts";
import { presentMs } from "../time/clock.ts";

/** Shows sources, outputs, spools and losses. */
export function Health(): JSX.Element {
  const history = useCell(statsHistory);
  const state = useCell(serverState);
  const last = history.at(-1);
  const stats = last === undefined ? state?.stats : last.stats;
  return (
    <div class="health">
      <h2>Health</h2>
      {stats
        ? (
          <Running
            stats={stats}
            history={withFirst(history, stats)}
            silent={findingsAbout(state, "rules ")}
          />
        )
        : stats === null && <Away history={history} findings={findingsAbout(state, GONE.check)} />}
      {state?.store && <Store store={state.store} />}
    </div>
  );
}

/** Returns the server's findings whose subject begins with some words. */
function findingsAbout(state: ServerState | undefined, words: string): Finding[] {
  return (state?.nothing ?? []).filter(({ check }) => check.startsWith(words));
}

/** Returns the readings; where there is none yet, the one that the page began with. */
function withFirst(history: readonly LiveStats[], stats: Stats): readonly LiveStats[] {
  return history.length > 0 ? history : [{ timeMs: presentMs(), stats }];
}

/** Finding about a daemon that has just gone; the server words it with its next look. */
const GONE: Finding = {
  check: "running nfscribe",
  state: "fix",
  message: "none answers",
  fix: "start it, or see why it ended",
  commands: ["systemctl start nfscribe", "journalctl -u nfscribe -n 50"],
};

function Away(
  { history, findings }: { history: readonly LiveStats[]; findings: readonly Finding[] },
): JSX.Element {
  const { zone = "local" } = useCell(settings);
  const last = history.findLast(({ stats }) => stats !== null);
  return (
    <>
      {last !== undefined && (
        <p class="health-away">The last answer was at {moment(last.timeMs, zone)}.</p>
      )}
      <Findings findings={findings.length > 0 ? findings : [GONE]} />
    </>
  );
}

function Running(
  { stats, history, silent }: {
    stats: Stats;
    history: readonly LiveStats[];
    /** Findings about sources that no rule feeds. */
    silent: readonly Finding[];
  },
): JSX.Element {
  const problems: Finding[] = [
    ...silent,
    ...problemsOf(stats, presentMs()).map((problem) => ({ ...problem, state: "fix" as const })),
  ];
  const { passed, dropped, failed, timedOut } = stats.filter;
  return (
    <>
      {problems.length === 0
        ? <p class="health-well">Nothing is lost, and every output writes.</p>
        : <Findings findings={problems} />}
      <Parts
        title="Sources"
        about="Records since nfscribe was started"
        rate="per second"
        parts={partsOf(history, "sources", "received")}
        columns={[["received", "Received"], ["lost", "Lost", true], [
          "malformed",
          "Malformed",
          true,
        ]]}
      />
      <div class="health-part">
        <h3>Filter</h3>
        <dl class="health-figures">
          <Figure name="passed" value={passed} />
          <Figure name="dropped by it" value={dropped} />
          <Figure name="failed" value={failed} isBad />
          <Figure name="out of time" value={timedOut} isBad />
        </dl>
      </div>
      <Parts
        title="Outputs"
        about="Records since nfscribe was started"
        rate="per second"
        parts={partsOf(history, "outputs", "written")}
        columns={[
          ["written", "Written"],
          ["spooled", "In the spool"],
          ["failed", "Failed", true],
          ["dropped", "Dropped", true],
          ["filtered", "Left out"],
          ["bytes", "Bytes"],
        ]}
      />
      {stats.hosts && <Hosts hosts={stats.hosts} />}
    </>
  );
}

function Figure(
  { name, value, isBad = false }: { name: string; value: number; isBad?: boolean },
): JSX.Element {
  return (
    <div class={isBad && value > 0 ? "health-bad" : ""}>
      <dt>{name}</dt>
      <dd>{count(value)}</dd>
    </div>
  );
}

/** Properties of a table of counters. */
interface PartsProperties {
  title: string;
  about: string;
  /** Heading of the rate. */
  rate: string;
  parts: readonly Part[];
  columns: readonly (readonly [counter: string, title: string, isBad?: boolean])[];
}

function Parts({ title, about, rate, parts, columns }: PartsProperties): JSX.Element {
  return (
    <div class="health-part">
      <h3>{title}</h3>
      <div class="health-scroll" tabIndex={0} role="region" aria-label={title}>
        <table class="health-table">
          <caption>{about}</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="health-number">{rate}</th>
              <th scope="col" class="health-trend">The last minute</th>
              {columns.map(([counter, title]) => (
                <th scope="col" class="health-number" key={counter}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {parts.map(({ name, figures, rates }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="health-number">{rateText(presentRate(rates))}</td>
                <td class="health-trend">
                  <Line rates={rates} />
                </td>
                {columns.map(([counter, , isBad]) => {
                  const value = figures[counter] ?? 0;
                  return (
                    <td
                      key={counter}
                      class={`health-number ${isBad && value > 0 ? "health-bad" : ""}`}
                    >
                      {counter === "bytes" ? bytes(value) : count(value)}
                    </td>
                  );
                })}
              </tr>
            ))}
            {parts.length === 0 && (
              <tr>
                <td colSpan={columns.length + 3}>none</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function rateText(rate: number | undefined): ComponentChildren {
  return rate === undefined
    ? "…"
    : rate < 10
    ? String(Math.round(rate * 10) / 10)
    : shortCount(rate);
}

/** Draws rates; the number beside it says the same. */
function Line({ rates }: { rates: Rates }): JSX.Element {
  return (
    <svg class="health-line" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,20 ${pointsOf(rates)} 100,20`} />
      <polyline points={pointsOf(rates)} />
    </svg>
  );
}

function Store({ store }: { store: NonNullable<ServerState["store"]> }): JSX.Element {
  const { zone = "local" } = useCell(settings);
  return (
    <div class="health-part">
      <h3>Store</h3>
      <div class="health-scroll" tabIndex={0} role="region" aria-label="Store">
        <table class="health-table">
          <caption>
            {store.where}, only read by this page
            {store.mayWrite ? ": but its user could write; grant one that can only read" : ""}
          </caption>
          <thead>
            <tr>
              <th scope="col">Table</th>
              <th scope="col" class="health-number">Rows</th>
              <th scope="col">Oldest</th>
              <th scope="col">Newest</th>
              <th scope="col" class="health-number">Size</th>
            </tr>
          </thead>
          <tbody>
            {store.kinds.map(({ kind, rows, oldestMs, newestMs, bytes: size }) => (
              <tr key={kind}>
                <th scope="row">{kind}s</th>
                <td class="health-number">{rows === undefined ? "" : count(rows)}</td>
                <td>{oldestMs === undefined ? "" : moment(oldestMs, zone)}</td>
                <td>{newestMs === undefined ? "" : moment(newestMs, zone)}</td>
                <td class="health-number">{size === undefined ? "" : bytes(size)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {store.hosts.length > 1 && <p class="health-hosts">Hosts: {store.hosts.join(", ")}</p>}
    </div>
  );
}
