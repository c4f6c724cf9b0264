/// <reference lib="dom" />
/** Keys of the page: each is described here once, for the help and for those who carry it out. */

import { useLayoutEffect, useRef } from "preact/hooks";

/** A command, and the keys that give it. */
interface Command {
  /** Values of `KeyboardEvent.key`; none where an element has the focus that takes them itself. */
  readonly keys: readonly string[];
  /** Keys as people read them, where those differ. */
  readonly shown?: string;
  readonly about: string;
  readonly part: "Everywhere" | "Time" | "Table" | "Cell of the table";
}

/** All commands by their names. */
export const COMMANDS = {
  search: { keys: ["/"], about: "Write a search, or the address in NAT", part: "Everywhere" },
  clear: { keys: ["\\"], about: "Search for everything", part: "Everywhere" },
  saved: { keys: ["s"], about: "Saved searches", part: "Everywhere" },
  copyLink: { keys: ["y"], about: "Copy a link to this view", part: "Everywhere" },
  packets: { keys: ["1"], about: "Packets", part: "Everywhere" },
  flows: { keys: ["2"], about: "Flows", part: "Everywhere" },
  nat: { keys: ["3"], about: "NAT", part: "Everywhere" },
  health: { keys: ["4"], about: "Health", part: "Everywhere" },
  theme: { keys: ["d"], about: "Light or dark", part: "Everywhere" },
  help: { keys: ["?"], about: "These keys", part: "Everywhere" },
  close: { keys: ["Escape"], shown: "Esc", about: "Close", part: "Everywhere" },
  pause: { keys: ["p"], about: "Hold new rows, or go on", part: "Time" },
  range: { keys: ["r"], about: "Choose a range", part: "Time" },
  zoomOut: { keys: ["z"], about: "A range twice as long", part: "Time" },
  earlier: { keys: ["["], about: "Half a range earlier", part: "Time" },
  later: { keys: ["]"], about: "Half a range later", part: "Time" },
  live: { keys: ["l"], about: "The last 15 minutes, live", part: "Time" },
  stack: { keys: ["b"], about: "Colour by action, prefix, protocol", part: "Time" },
  measure: { keys: ["m"], about: "Count packets or bytes", part: "Time" },
  down: { keys: ["j"], shown: "j ↓", about: "Next row", part: "Table" },
  up: { keys: ["k"], shown: "k ↑", about: "Row before", part: "Table" },
  open: { keys: ["o"], shown: "o Enter", about: "Open the row", part: "Table" },
  top: { keys: ["t"], about: "Lists of the most frequent values", part: "Table" },
  group: { keys: ["g"], about: "Show rows that are alike as one, or each", part: "Table" },
  columns: { keys: ["c"], about: "Choose columns", part: "Table" },
  download: { keys: ["w"], about: "Download what is found", part: "Table" },
  cell: { keys: [], shown: "← →", about: "Cell beside", part: "Cell of the table" },
  include: { keys: [], shown: "+", about: "Search for its value", part: "Cell of the table" },
  exclude: { keys: [], shown: "-", about: "Exclude its value", part: "Cell of the table" },
  expand: { keys: [], shown: "e", about: "Show each row of a group", part: "Cell of the table" },
  address: { keys: [], shown: "a", about: "Page of its address", part: "Cell of the table" },
} as const satisfies Readonly<Record<string, Command>>;

/** Name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** Those who carry commands out, the last one first. */
const receivers = new Map<CommandName, (() => void)[]>();

/** Carries out a command while the component is shown. */
export function useCommand(name: CommandName, run: () => void): void {
  const latest = useRef(run);
  latest.current = run;
  // At once: what is shown takes its keys.
  useLayoutEffect(() => {
    const own = () => latest.current();
    const list = receivers.get(name) ?? [];
    receivers.set(name, [own, ...list]);
    return () => {
      receivers.set(name, receivers.get(name)!.filter((other) => other !== own));
    };
  }, [name]);
}

/** Gives commands by keys, but not while text is written or a dialog is open. */
export function bindKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    if (target instanceof Element && target.matches("input, textarea, select, [contenteditable]")) {
      return;
    }
    if (document.querySelector("dialog[open]") !== null) return;
    for (const [name, { keys }] of Object.entries(COMMANDS) as [CommandName, Command][]) {
      const run = keys.includes(key) ? receivers.get(name)?.[0] : undefined;
      if (run === undefined) continue;
      event.preventDefault();
      run();
      return;
    }
  });
}
