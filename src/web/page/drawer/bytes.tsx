/// <reference lib="dom" />
/** Bytes of a packet in hexadecimal and as text. */

import { Component, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Mark } from "./fields.ts";
import { reveal } from "./reveal.ts";

/** Bytes that are shown at first; more take a press of a button. */
const SHOWN = 2048;

/** Properties of the bytes. */
export interface BytesProperties {
  bytes: Uint8Array;
  /** Bytes in a row. */
  perRow: number;
  mark: Mark | undefined;
  /** Whether a line of the tree is pointed at, whose bytes are to be shown. */
  isLed: boolean;
  /** Byte that keys act on. */
  active: number;
  onActive(byte: number): void;
  onHover(byte: number | undefined): void;
}

/** Shows bytes. */
export function Bytes(properties: BytesProperties): JSX.Element {
  const { bytes, perRow, mark, isLed, active, onActive, onHover } = properties;
  const [shown, setShown] = useState(SHOWN);
  const grid = useRef<HTMLDivElement>(null);
  const length = Math.min(bytes.length, shown);
  const start = mark?.start ?? -1;
  useEffect(() => {
    if (!isLed || start < 0) return;
    const row = grid.current?.querySelector(`[data-row="${Math.floor(start / perRow)}"]`);
    reveal(grid.current!.parentElement, row);
  }, [start, perRow, isLed]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event, perRow, active, length);
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.max(0, Math.min(length - 1, active + step));
    onActive(next);
    grid.current?.querySelector<HTMLElement>(`[data-at="${next}"]`)?.focus();
  };
  const byteOf = (event: Event) => {
    const at = (event.target as Element).closest<HTMLElement>("[data-at]")?.dataset.at;
    return at === undefined ? undefined : Number(at);
  };
  const rows = Array.from({ length: Math.ceil(length / perRow) }, (_, row) => row);
  return (
    <>
      <div
        class="drawer-bytes"
        role="grid"
        aria-label="Bytes"
        aria-rowcount={Math.ceil(bytes.length / perRow)}
        aria-colcount={perRow + 1}
        ref={grid}
        onKeyDown={onKeyDown}
        onPointerOver={(event) => onHover(byteOf(event))}
        onPointerLeave={() => onHover(undefined)}
        onFocusCapture={(event) => {
          const at = byteOf(event);
          if (at !== undefined) onActive(at);
        }}
      >
        {rows.map((row) => {
          const from = row * perRow;
          const to = Math.min(from + perRow, length);
          const isMarked = mark !== undefined && mark.start < to && mark.end > from;
          return (
            <ByteRow
              key={row}
              bytes={bytes}
              from={from}
              to={to}
              perRow={perRow}
              markStart={isMarked ? Math.max(from, mark.start) : -1}
              markEnd={isMarked ? Math.min(to, mark.end) : -1}
              active={active >= from && active < to ? active : -1}
            />
          );
        })}
      </div>
      {length < bytes.length && (
        <button
          type="button"
          class="button"
          onClick={() => setShown(bytes.length)}
        >
          Show all {bytes.length.toLocaleString("en-US")} bytes
        </button>
      )}
    </>
  );
}

/** Returns the distance to the byte that a key leads to. */
function stepOf(
  { key, ctrlKey, altKey, metaKey }: KeyboardEvent,
  perRow: number,
  active: number,
  length: number,
): number | undefined {
  if (altKey || metaKey) return undefined;
  switch (key) {
    case "ArrowRight":
      return 1;
    case "ArrowLeft":
      return -1;
    case "ArrowDown":
      return active + perRow < length ? perRow : 0;
    case "ArrowUp":
      return active >= perRow ? -perRow : 0;
    case "Home":
      return ctrlKey ? -active : -(active % perRow);
    case "End":
      return ctrlKey ? length : perRow - 1 - active % perRow;
    default:
      return undefined;
  }
}

interface RowProperties {
  bytes: Uint8Array;
  from: number;
  to: number;
  perRow: number;
  /** Marked bytes of this row; -1 for none. */
  markStart: number;
  markEnd: number;
  /** Active byte in this row; -1 for none. */
  active: number;
}

/** A row of bytes; it is rendered again only if something in it changes. */
class ByteRow extends Component<RowProperties> {
  override shouldComponentUpdate(next: RowProperties): boolean {
    return (Object.keys(next) as (keyof RowProperties)[])
      .some((name) => next[name] !== this.props[name]);
  }

  override render({ bytes, from, to, perRow, markStart, markEnd, active }: RowProperties) {
    const places = Array.from({ length: to - from }, (_, index) => from + index);
    const marked = (at: number) => at >= markStart && at < markEnd ? "drawer-marked" : "";
    return (
      <div class="drawer-row" role="row" aria-rowindex={from / perRow + 1} data-row={from / perRow}>
        <span class="drawer-offset" role="rowheader">{from.toString(16).padStart(4, "0")}</span>
        {places.map((at) => (
          <span
            key={at}
            class={`drawer-byte ${marked(at)}`}
            role="gridcell"
            data-at={at}
            tabIndex={at === active ? 0 : -1}
            aria-selected={marked(at) !== ""}
          >
            {bytes[at]!.toString(16).padStart(2, "0")}
          </span>
        ))}
        <span class="drawer-text" aria-hidden="true">
          {places.map((at) => (
            <span key={at} class={marked(at)} data-at={at}>{character(bytes[at]!)}</span>
          ))}
        </span>
      </div>
    );
  }
}

/** Returns the character of ASCII, or a dot. */
function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
