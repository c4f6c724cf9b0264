/** Hosts that send their records, in the health tab. */

import type { JSX } from "preact";
import type { Stats } from "../api/types.ts";
import { bySeen, isSilent } from "./silence.ts";
import { count, duration, plural } from "../text/format.ts";
import { presentMs } from "../time/clock.ts";

/** Hosts that are shown; of many, those that need a look. */
const SHOWN_MAX = 200;

/** Counters in columns; those of the last part are bad where they are not 0. */
const COLUMNS = [
  ["logged", "Logged"],
  ["sent", "Sent"],
  ["received", "Received"],
  ["repeated", "Repeated"],
  ["lost", "Lost", true],
  ["missing", "Missing", true],
] as const;

/** Shows each host: its counters beside those of its records here, and when it was seen last. */
export function Hosts({ hosts }: { hosts: NonNullable<Stats["hosts"]> }): JSX.Element {
  const nowMs = presentMs();
  const sorted = bySeen(hosts);
  const further = sorted.length - SHOWN_MAX;
  return (
    <div class="health-part">
      <h3>Hosts</h3>
      <div class="health-scroll" tabIndex={0} role="region" aria-label="Hosts">
        <table class="health-table">
          <caption>
            {plural(sorted.length, "host")}, those that need a look first
            {further > 0 ? `; ${count(further)} of them are not shown` : ""}
          </caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              {COLUMNS.map(([counter, title]) => (
                <th scope="col" class="health-number" key={counter}>{title}</th>
              ))}
              <th scope="col">Last seen</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, SHOWN_MAX).map(([name, host]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {COLUMNS.map(([counter, , isBad]) => (
                  <td
                    key={counter}
                    class={`health-number ${isBad && host[counter] > 0 ? "health-bad" : ""}`}
                  >
                    {count(host[counter])}
                  </td>
                ))}
                <td class={isSilent(host, nowMs) ? "health-bad" : ""}>
                  {host.stopped > 0 ? "ended" : ago(nowMs - host.lastSeenMs)}
                </td>
              </tr>
            ))}
            {sorted.length === 0 && (
              <tr>
                <td colSpan={COLUMNS.length + 2}>none has sent anything yet</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Returns a whole number of the largest unit. */
function ago(ms: number): string {
  const size = [86_400_000, 3_600_000, 60_000].find((size) => ms >= size) ?? 1000;
  const whole = Math.floor(ms / size) * size;
  return whole < 1000 ? "now" : `${duration(whole)} ago`;
}
