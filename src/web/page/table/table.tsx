/// <reference lib="dom" />
/** A table of records, of which only the lines in view are drawn. */

import type { CSSProperties, JSX } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useCommand } from "../keys/commands.ts";
import { useCell } from "../state/cell.ts";
import { serverState } from "../state/server.ts";
import type { Column } from "./column.ts";
import type { Item } from "./items.ts";
import { fitting } from "./fitting.ts";
import { cellId, isNarrow, Line, type LineActions } from "./line.tsx";

/** Properties of the table. */
export interface TableProperties extends LineActions {
  label: string;
  columns: readonly Column[];
  /** Whether columns are left out where there is no room. */
  mayFit: boolean;
  items: readonly Item[];
  /** Record that is open in the drawer. */
  openId: string | undefined;
  /** Returns the class of a line's colour. */
  colourOf(item: Item): string;
  /** Asks for older rows; returns whether they are being read now. */
  onMore(): boolean;
  /** Tells whether the newest line is in view. */
  onTop(isTop: boolean): void;
  /** Line below the last one. */
  end: JSX.Element;
}

/** Lines that are drawn beyond those in view, at either end. */
const BEYOND = 12;
/** Lines left below at which older rows are asked for. */
const NEAR_END = 60;

/** Pages of older rows that are read for one screen. */
const READS_MAX = 10;

/** Line and column that keys are about. */
interface Active {
  id: string;
  column: number;
}

/** Shows the table. */
export function Table(properties: TableProperties): JSX.Element {
  const { label, mayFit, items, openId, colourOf, onMore, onTop, end } = properties;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, line: 26, digits: Infinity });
  const [active, render] = useState<Active>();
  // Keys may come faster than pictures.
  const newest = useRef(active);
  const setActive = (next: Active) => {
    newest.current = next;
    render(next);
  };
  useLayoutEffect(() => {
    const element = box.current!;
    const measure = () => {
      const line = Number.parseFloat(getComputedStyle(element).getPropertyValue("--line-height"));
      const { scrollTop: top, clientHeight: height, clientWidth } = element;
      setView({
        top,
        height,
        line,
        digits: isNarrow() ? Infinity : clientWidth / digitWidth(element),
      });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const latest = useRef(properties);
  latest.current = properties;
  const actions = useMemo<LineActions>(() => ({
    onOpen: (item) => latest.current.onOpen(item),
    onTerm: (term, isExcluded) => latest.current.onTerm(term, isExcluded),
    onAbout: (address) => latest.current.onAbout(address),
    onExpand: (item) => latest.current.onExpand(item),
    onSkip: (item) => latest.current.onSkip(item),
  }), []);
  const activate = useCallback((id: string, column: number) => setActive({ id, column }), []);
  // The actions of prefixes come with it.
  const state = useCell(serverState);
  const { top, height, line, digits } = view;
  const columns = useMemo(
    () => mayFit ? fitting(properties.columns, digits) : properties.columns,
    [properties.columns, mayFit, digits],
  );
  const first = Math.max(0, Math.floor(top / line) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / line) + BEYOND);
  // Many rows may be one line: what is read on its own is bounded until the reader scrolls on.
  const reads = useRef(0);
  useEffect(() => {
    if (last > items.length - NEAR_END && reads.current < READS_MAX && onMore()) reads.current++;
  }, [last, items]);

  const place = active === undefined ? -1 : items.findIndex(({ id }) => id === active.id);
  const placeNow = () => items.findIndex(({ id }) => id === newest.current?.id);
  const move = (to: number, column = newest.current?.column ?? 0) => {
    const next = Math.max(0, Math.min(items.length - 1, to));
    const item = items[next];
    if (item === undefined) return;
    setActive({ id: item.id, column: Math.max(0, Math.min(columns.length - 1, column)) });
    // The drawer goes along.
    if (openId !== undefined && item.type === "row") properties.onOpen(item);
    const element = box.current!;
    // The heading covers a line at the top.
    const [above, below] = [next * line, (next + 2) * line - element.clientHeight];
    if (element.scrollTop > above) element.scrollTop = above;
    else if (element.scrollTop < below) element.scrollTop = below;
  };
  const openActive = () => {
    const item = items[placeNow()];
    if (item?.type === "row") properties.onOpen(item);
    else if (item?.type === "skip") properties.onSkip(item);
  };
  useCommand("down", () => move(placeNow() + 1));
  useCommand("up", () => move(placeNow() - 1));
  useCommand("open", openActive);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(height / line) - 2);
    const item = items[placeNow()];
    const column = columns[newest.current?.column ?? 0];
    const row = item?.type === "row" ? item.row : undefined;
    const term = row && column?.term?.(row);
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(placeNow() + 1),
      ArrowUp: () => move(placeNow() - 1),
      PageDown: () => move(placeNow() + page),
      PageUp: () => move(placeNow() - page),
      Home: () => move(0),
      End: () => move(items.length - 1),
      ArrowRight: () => move(Math.max(0, placeNow()), (newest.current?.column ?? -1) + 1),
      ArrowLeft: () => move(Math.max(0, placeNow()), (newest.current?.column ?? 1) - 1),
      Enter: openActive,
      "+": () => term !== undefined && properties.onTerm(term, false),
      "-": () => term !== undefined && properties.onTerm(term, true),
      e: () => item?.type === "row" && properties.onExpand(item),
      a: () => {
        const address = row && column?.address?.(row);
        if (address !== undefined) properties.onAbout(address);
      },
    };
    const run = keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  };
  return (
    <div
      class="table"
      ref={box}
      onScroll={({ currentTarget }) => {
        reads.current = 0;
        setView({ ...view, top: currentTarget.scrollTop });
        onTop(currentTarget.scrollTop < line / 2);
      }}
    >
      <div
        class="table-grid"
        role="grid"
        aria-label={label}
        aria-rowcount={items.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={place >= first && place < last
          ? cellId(active!.id, active!.column)
          : undefined}
        tabIndex={0}
        style={widthsOf(columns)}
        onKeyDown={onKeyDown}
      >
        <div class="line line-head" role="row" aria-rowindex={1}>
          {columns.map(({ id, title, name, about, isNumber }) => (
            <div
              key={id}
              role="columnheader"
              class={`cell cell-${id} ${isNumber ? "cell-number" : ""}`}
              title={about}
            >
              {title || <span class="unseen">{name}</span>}
            </div>
          ))}
        </div>
        <div class="table-lines" role="rowgroup" style={{ height: `${items.length * line}px` }}>
          {items.slice(first, last).map((item, n) => (
            <Line
              key={item.id}
              item={item}
              index={first + n}
              top={(first + n) * line}
              columns={columns}
              colour={colourOf(item)}
              activeColumn={item.id === active?.id ? active.column : undefined}
              isOpen={item.type === "row" && item.row.rowId === openId}
              actions={actions}
              onActive={activate}
              version={state}
            />
          ))}
        </div>
      </div>
      {end}
    </div>
  );
}

/** Returns the width of a digit in an element's font, in pixels. */
function digitWidth(element: Element): number {
  const context = document.createElement("canvas").getContext("2d")!;
  const { fontSize, fontFamily } = getComputedStyle(element);
  context.font = `${fontSize} ${fontFamily}`;
  return context.measureText("0").width;
}

/** Returns the widths of columns: each line is a grid of its own. */
function widthsOf(columns: readonly Column[]): CSSProperties {
  const widths = columns.map(({ id, width }) => id === "time" ? "var(--time-width)" : `${width}ch`);
  return {
    "--columns": columns.map(({ grow }, n) => `minmax(${widths[n]}, ${grow ?? 0.001}fr)`).join(" "),
    "--least": `calc(${widths.join(" + ")} + ${columns.length + 1} * var(--column-gap))`,
  } as CSSProperties;
}
