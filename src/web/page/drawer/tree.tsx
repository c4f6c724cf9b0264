/// <reference lib="dom" />
/** Decoded headers as a tree. */

import { escaped } from "../../../text/escape.ts";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type FieldLine, parentOf } from "./fields.ts";
import { reveal } from "./reveal.ts";

/** Properties of the tree. */
export interface TreeProperties {
  lines: readonly FieldLine[];
  /** Line that keys act on. */
  active: number;
  /** Line of the field that is marked; -1 for none. */
  marked: number;
  /** Whether a byte is pointed at, whose line is to be shown. */
  isLed: boolean;
  onActive(index: number): void;
  onHover(index: number | undefined): void;
  onToggle(line: FieldLine, isOpen: boolean): void;
}

/** Shows headers and their fields. */
export function Tree(properties: TreeProperties): JSX.Element {
  const { lines, active, marked, isLed, onActive, onHover, onToggle } = properties;
  const tree = useRef<HTMLDivElement>(null);
  const go = (index: number) => {
    const next = Math.max(0, Math.min(lines.length - 1, index));
    onActive(next);
    tree.current?.querySelector<HTMLElement>(`[data-line="${next}"]`)?.focus();
  };
  useEffect(() => {
    if (isLed) reveal(tree.current, tree.current?.querySelector(`[data-line="${marked}"]`));
  }, [marked, isLed]);
  const onKeyDown = (event: KeyboardEvent) => {
    const line = lines[active];
    if (line === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = actionOf(event.key, line, lines, active);
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (typeof act === "number") go(act);
    else onToggle(line, act);
  };
  const hover = (event: Event) => {
    const place = (event.target as Element).closest<HTMLElement>("[data-line]")?.dataset.line;
    onHover(place === undefined ? undefined : Number(place));
  };
  return (
    <div
      class="drawer-tree"
      role="tree"
      aria-label="Decoded headers"
      ref={tree}
      onKeyDown={onKeyDown}
      onPointerOver={hover}
      onPointerLeave={() => onHover(undefined)}
    >
      {lines.map((line, index) => (
        <TreeLine
          key={line.key}
          line={line}
          index={index}
          isActive={index === active}
          isMarked={index === marked}
          onActive={onActive}
          onToggle={onToggle}
        />
      ))}
    </div>
  );
}

/** Returns the line that a key leads to, or whether it opens or closes the present one. */
function actionOf(
  key: string,
  { isOpen }: FieldLine,
  lines: readonly FieldLine[],
  active: number,
): number | boolean | undefined {
  switch (key) {
    case "ArrowDown":
      return active + 1;
    case "ArrowUp":
      return active - 1;
    case "Home":
      return 0;
    case "End":
      return lines.length - 1;
    case "ArrowRight":
      return isOpen === undefined ? undefined : isOpen ? active + 1 : true;
    case "ArrowLeft":
      return isOpen ? false : parentOf(lines, active);
    case "Enter":
    case " ":
      return isOpen === undefined ? undefined : !isOpen;
    default:
      return undefined;
  }
}

interface LineProperties extends Pick<TreeProperties, "onActive" | "onToggle"> {
  line: FieldLine;
  index: number;
  isActive: boolean;
  isMarked: boolean;
}

function TreeLine(
  { line, index, isActive, isMarked, onActive, onToggle }: LineProperties,
): JSX.Element {
  const { field, level, isOpen } = line;
  const isWrong = field.name === "malformed" || field.name === "truncated";
  const classes = [
    ...["drawer-field", `drawer-level-${Math.min(level, 6)}`],
    isMarked ? "drawer-marked" : "",
    isWrong ? "drawer-wrong" : "",
    isOpen === undefined ? "" : "drawer-header",
  ];
  return (
    <div
      class={classes.join(" ")}
      role="treeitem"
      aria-level={level}
      aria-expanded={isOpen}
      aria-selected={isActive}
      tabIndex={isActive ? 0 : -1}
      data-line={index}
      onFocus={() => onActive(index)}
      onClick={() => {
        onActive(index);
        if (isOpen !== undefined) onToggle(line, !isOpen);
      }}
    >
      <span class="drawer-twist" aria-hidden="true">
        {isOpen === undefined ? "" : isOpen ? "▾" : "▸"}
      </span>
      <span class="drawer-name">{field.name}</span>
      <span class="drawer-value">{escaped(field.value)}</span>
    </div>
  );
}
