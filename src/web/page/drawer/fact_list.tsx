/** Facts of a record, each with a term for the search. */

import { escaped } from "../../../text/escape.ts";
import type { JSX } from "preact";
import type { Row } from "../api/types.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";
import { clock, day, type Zone } from "../text/format.ts";
import { type Fact, factsOf } from "./facts.ts";

/** Properties of the facts. */
export interface FactListProperties {
  row: Row;
  /** Adds a term to the expression, or excludes what it chooses. */
  onTerm(term: string, isExcluded: boolean): void;
  /** Shows the page of an address. */
  onAbout(address: string): void;
}

/** Shows the facts. */
export function FactList(
  { row, onTerm, onAbout }: FactListProperties,
): JSX.Element {
  const { zone = "local" } = useCell(settings);
  return (
    <dl class="drawer-facts">
      {factsOf(row).map((fact) => {
        const { name, term, address } = fact;
        return (
          <div
            class={`drawer-fact ${fact.time === undefined ? "" : "drawer-fact-wide"}`}
            key={name}
          >
            <dt>{name}</dt>
            <dd>
              {term === undefined ? <span>{textOf(fact, zone)}</span> : (
                <button
                  type="button"
                  class="drawer-term"
                  title={`Search for ${term}; with Shift, exclude it`}
                  onClick={({ shiftKey }) => onTerm(term, shiftKey)}
                >
                  {textOf(fact, zone)}
                </button>
              )}
              <span class="drawer-more">
                {term !== undefined && (
                  <Small
                    icon="out"
                    title={`Exclude ${term}`}
                    onClick={() => onTerm(term, true)}
                  />
                )}
                {address !== undefined && (
                  <Small
                    icon="link"
                    title={`Everything about ${address}`}
                    onClick={() => onAbout(address)}
                  />
                )}
              </span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Small(
  { icon, title, onClick }: { icon: IconName; title: string; onClick(): void },
): JSX.Element {
  return (
    <button type="button" class="drawer-small" title={title} aria-label={title} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

/** Writes a fact; times to the microsecond, in the zone of the page. */
function textOf({ value, time }: Fact, zone: Zone): string {
  if (time === undefined) return escaped(value);
  const ms = Date.parse(time);
  // A time that no date can hold is written in microseconds.
  if (Number.isNaN(ms)) return value;
  const micros = /\.\d{3}(\d{3})/.exec(time)?.[1] ?? "";
  return `${day(ms, zone)} ${clock(ms, zone)}${micros}${zone === "utc" ? " UTC" : ""}`;
}
