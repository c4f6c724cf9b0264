/// <reference lib="dom" />
/** Decoded headers beside the bytes: each marks the other. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Field } from "../../dissect/field.ts";
import { Bytes } from "./bytes.tsx";
import { type FieldLine, lineAt, linesOf, markOf, placeText } from "./fields.ts";
import { Tree } from "./tree.tsx";

/** Width below which rows have 8 bytes, and below which the tree stands above them, in pixels. */
const [NARROW, BESIDE] = [520, 620];

/** Line of the tree, or byte, that the pointer or the focus is at. */
interface Pointed {
  readonly at: "line" | "byte";
  readonly index: number;
}

/** Shows a packet's fields and bytes. */
export function Decoded({ fields, bytes }: { fields: Field[]; bytes: Uint8Array }): JSX.Element {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<Pointed>({ at: "line", index: 0 });
  const [hovered, setHovered] = useState<Pointed | undefined>();
  const [hasFocus, setHasFocus] = useState(false);
  const [whole, width] = useWidth();
  const lines = useMemo(() => linesOf(fields, closed), [fields, closed]);
  const pointed = hovered ?? (hasFocus ? focused : undefined);
  const marked = pointed === undefined ? -1 : lineOf(pointed, lines);
  const mark = marked < 0 ? undefined : markOf(lines[marked]!.field);
  const active = Math.max(0, Math.min(lines.length - 1, lineOf(focused, lines)));
  const toggle = ({ key }: FieldLine, isOpen: boolean) => {
    const next = new Set(closed);
    if (isOpen) next.delete(key);
    else next.add(key);
    setClosed(next);
  };
  const perRow = width < NARROW || (width >= BESIDE && width < 2 * NARROW) ? 8 : 16;
  return (
    <div
      class={`drawer-decoded ${width >= BESIDE ? "drawer-beside" : ""}`}
      ref={whole}
      onFocusCapture={({ target }) => {
        setHasFocus(true);
        // Bytes that stay in view may cover the field.
        if ((target as Element).matches(":focus-visible")) {
          whole.current?.scrollIntoView({ block: "nearest" });
        }
      }}
      onBlurCapture={({ relatedTarget }) =>
        setHasFocus(whole.current?.contains(relatedTarget as Node) ?? false)}
    >
      <Tree
        lines={lines}
        active={active}
        marked={marked}
        isLed={pointed?.at === "byte"}
        onActive={(index) => setFocused({ at: "line", index })}
        onHover={(index) => setHovered(index === undefined ? undefined : { at: "line", index })}
        onToggle={toggle}
      />
      <div class="drawer-dump">
        <Bytes
          bytes={bytes}
          perRow={perRow}
          mark={mark}
          isLed={pointed?.at === "line"}
          active={focused.at === "byte" ? focused.index : lines[active]?.field.offset ?? 0}
          onActive={(index) => setFocused({ at: "byte", index })}
          onHover={(index) => setHovered(index === undefined ? undefined : { at: "byte", index })}
        />
      </div>
      <p class="drawer-said" aria-live="polite">
        {marked >= 0 && mark !== undefined
          ? `${lines[marked]!.field.name}: ${lines[marked]!.field.value}, ${placeText(mark)}`
          : `${bytes.length} bytes`}
      </p>
    </div>
  );
}

function lineOf({ at, index }: Pointed, lines: readonly FieldLine[]): number {
  return at === "line" ? Math.min(index, lines.length - 1) : lineAt(lines, index);
}

/** Measures the width of an element as it changes. */
function useWidth() {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry!.contentRect.width));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
