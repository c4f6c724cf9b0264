/// <reference lib="dom" />
/** One line of a table. */

import type { ComponentChildren, JSX } from "preact";
import { escaped } from "../../../text/escape.ts";
import { Icon } from "../controls/icon.tsx";
import { count, duration, plural } from "../text/format.ts";
import { memo } from "../state/memo.ts";
import type { Column } from "./column.ts";
import type { Item, LossItem, RowItem } from "./items.ts";
import type { SkipEntry } from "./entries.ts";

/** Things that a line can ask for. */
export interface LineActions {
  onOpen(item: RowItem): void;
  /** Adds a term to the search, or excludes what it chooses. */
  onTerm(term: string, isExcluded: boolean): void;
  /** Shows the page of an address. */
  onAbout(address: string): void;
  /** Shows each row of a group, or the group as one. */
  onExpand(item: RowItem): void;
  /** Shows rows that were left out. */
  onSkip(item: SkipEntry): void;
}

/** Properties of a line. */
export interface LineProperties {
  item: Item;
  index: number;
  /** Distance from the first line, in pixels. */
  top: number;
  columns: readonly Column[];
  colour: string;
  activeColumn: number | undefined;
  isOpen: boolean;
  /** Actions and functions stay the same objects: lines are not drawn again for others. */
  actions: LineActions;
  onActive(id: string, column: number): void;
  /** Changes with whatever else cells depend on. */
  version: unknown;
}

/** Shows a line. */
export function Line(properties: LineProperties): JSX.Element {
  const { item, index, top, colour, activeColumn, isOpen } = properties;
  const classes = [
    ...["line", `line-${item.type}`, colour, isOpen ? "line-open" : ""],
    ...[activeColumn === undefined ? "" : "line-active"],
    item.type === "row" && item.isMember ? "line-member" : "",
  ];
  return (
    <div
      class={classes.join(" ")}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      style={{ transform: `translateY(${top}px)` }}
    >
      {item.type === "row"
        ? <KeptCells {...properties} item={item} />
        : item.type === "loss"
        ? <Loss {...properties} item={item} />
        : <Skip {...properties} item={item} />}
    </div>
  );
}

/** Returns the id of a cell's element. */
export function cellId(id: string, column: number): string {
  return `cell-${id.replaceAll(/\W/g, "_")}-${column}`;
}

/** Properties of the cells of a row. */
type CellsProperties = Omit<LineProperties, "item"> & { item: RowItem };

function Cells(
  { item, columns, activeColumn, actions, onActive }: CellsProperties,
): JSX.Element {
  const { row, members } = item;
  const press = (event: MouseEvent, place: number, column: Column) => {
    onActive(item.id, place);
    // A text that was marked is to be copied.
    if (document.getSelection()?.isCollapsed === false && !event.shiftKey) return;
    const term = isNarrow() ? undefined : column.term?.(row);
    if (term === undefined) return actions.onOpen(item);
    document.getSelection()?.removeAllRanges();
    actions.onTerm(term, event.shiftKey);
  };
  return (
    <>
      {columns.map((column, place) => {
        const { id, isNumber, cell, term } = column;
        const chosen = term?.(row);
        return (
          <div
            key={id}
            id={cellId(item.id, place)}
            role="gridcell"
            class={`cell cell-${id} ${isNumber ? "cell-number" : ""} ${
              chosen === undefined ? "" : "cell-term"
            } ${place === activeColumn ? "cell-active" : ""}`}
            title={chosen === undefined ? undefined : escaped(`${chosen} · Shift excludes`)}
            onClick={(event) => press(event, place, column)}
          >
            {shown(cell(row))}
            {place === 0 && members.length > 1 && (
              <span
                class="cell-times"
                title={`${count(members.length)} alike in ${
                  duration(Math.max(1, item.timeMs - members.at(-1)!.timeMs))
                }`}
                onClick={(event) => {
                  event.stopPropagation();
                  actions.onExpand(item);
                }}
              >
                ×{count(members.length)}
              </span>
            )}
          </div>
        );
      })}
    </>
  );
}

/** Cells, which scrolling does not draw again. */
const KeptCells = memo<CellsProperties>(
  Cells,
  (one, other) =>
    one.item.row === other.item.row && one.item.members.length === other.item.members.length &&
    one.item.id === other.item.id && one.columns === other.columns &&
    one.activeColumn === other.activeColumn && one.version === other.version,
);

function Loss({ item, columns }: LineProperties & { item: LossItem }): JSX.Element {
  const { packets, capture, host } = item.loss;
  return (
    <div
      class="cell cell-wide"
      role="gridcell"
      id={cellId(item.id, 0)}
      aria-colspan={columns.length}
    >
      <strong>{count(packets)} lost</strong> by the kernel on {escaped(capture)}
      {host === undefined ? "" : ` of ${host}`}: its buffer was full
    </div>
  );
}

function Skip(
  { item, columns, actions }: LineProperties & { item: SkipEntry },
): JSX.Element {
  return (
    <div
      class="cell cell-wide cell-term"
      role="gridcell"
      id={cellId(item.id, 0)}
      aria-colspan={columns.length}
      title="Show this time, with all of them"
      onClick={() => actions.onSkip(item)}
    >
      <Icon name="group" /> {plural(item.skipped, "row")}{" "}
      skipped: they are in the store, too many to show live
    </div>
  );
}

/** Shows what would reorder a text, as names from the network may hold it. */
function shown(content: ComponentChildren): ComponentChildren {
  return typeof content === "string" ? escaped(content) : content;
}

/** Returns whether lines are cards, of which each opens the record wherever it is touched. */
export function isNarrow(): boolean {
  return matchMedia("(width < 44rem)").matches;
}
