/** Lines of the table, made from entries: those that are alike as one, losses in between. Pure. */

import type { Row, StoredLoss } from "../api/types.ts";
import type { Entry, RowEntry, SkipEntry } from "./entries.ts";

/** A line with a row, or with several that are alike. */
export interface RowItem {
  readonly type: "row";
  readonly id: string;
  /** The newest of them. */
  readonly row: Row;
  readonly timeMs: number;
  /** All of them, the newest first. */
  readonly members: RowEntry[];
  /** Whether it is one of a group whose rows are shown. */
  readonly isMember?: boolean;
  readonly isExpanded?: boolean;
}

/** A line about records that the kernel had to drop. */
export interface LossItem {
  readonly type: "loss";
  readonly id: string;
  readonly loss: StoredLoss;
  readonly timeMs: number;
}

/** A line of the table. */
export type Item = RowItem | LossItem | SkipEntry;

/** Choice of what lines show. */
export interface ItemOptions {
  isGrouped: boolean;
  /** Groups whose rows are shown, by the id of their oldest row: that stays. */
  expanded: ReadonlySet<string>;
}

/** Lines back to which a row's like is looked for, and the time between two of them. */
const [NEAR, NEAR_MS] = [12, 60_000];

/**
 * Makes lines.
 *
 * @param entries The newest first.
 * @param losses The oldest first.
 */
export function itemsOf(
  entries: readonly Entry[],
  losses: readonly StoredLoss[],
  { isGrouped, expanded }: ItemOptions,
): Item[] {
  const items: Item[] = [];
  let groups = new Map<string, number>();
  let loss = losses.length - 1;
  const putLosses = (untilMs: number) => {
    for (; loss >= 0 && losses[loss]!.timeMs >= untilMs; loss--) {
      const { timeMs, host = "", capture } = losses[loss]!;
      items.push({
        type: "loss",
        id: `loss ${timeMs} ${host} ${capture}`,
        loss: losses[loss]!,
        timeMs,
      });
      groups = new Map();
    }
  };
  for (const entry of entries) {
    putLosses(entry.timeMs);
    if (entry.type === "skip") {
      items.push(entry);
      groups = new Map();
      continue;
    }
    const { row, timeMs } = entry;
    const key = isGrouped ? likeness(row) : "";
    const at = isGrouped ? groups.get(key) : undefined;
    const group = at !== undefined && at >= items.length - NEAR ? items[at] : undefined;
    if (group?.type === "row" && group.members.at(-1)!.timeMs - timeMs < NEAR_MS) {
      group.members.push(entry);
      continue;
    }
    groups.set(key, items.length);
    items.push({ type: "row", id: row.rowId, row, timeMs, members: [entry] });
  }
  const oldest = entries.at(-1)?.timeMs;
  if (oldest === undefined || losses.length > 0) putLosses(oldest ?? -Infinity);
  return expanded.size === 0 ? items : items.flatMap((item) => expandedItems(item, expanded));
}

/** Returns the name of a group, which stays when newer rows join it. */
export function groupId({ members }: RowItem): string {
  return members.at(-1)!.row.rowId;
}

function expandedItems(item: Item, expanded: ReadonlySet<string>): Item[] {
  if (item.type !== "row" || item.members.length === 1 || !expanded.has(groupId(item))) {
    return [item];
  }
  return [
    { ...item, isExpanded: true },
    ...item.members.map((entry): RowItem => ({
      type: "row",
      id: `member ${entry.row.rowId}`,
      row: entry.row,
      timeMs: entry.timeMs,
      members: [entry],
      isMember: true,
    })),
  ];
}

const likenesses = new WeakMap<Row, string>();

/** Returns a text that rows have in common which say the same, but for time and the sender's port. */
function likeness(row: Row): string {
  let text = likenesses.get(row);
  if (text === undefined) {
    text = JSON.stringify(partsOf(row));
    likenesses.set(row, text);
  }
  return text;
}

function partsOf(row: Row): unknown[] {
  switch (row.type) {
    case "packet":
      return [
        ...[row.host, row.prefix, row.in, row.out, row.physIn, row.physOut, row.uid, row.mark],
        ...[row.source, row.destination, row.destinationPort, row.protocol],
        ...[row.tcp?.flags, row.icmp?.type, row.icmp?.code],
      ];
    case "flow":
      return [
        ...[row.host, row.event, row.protocol, row.state, row.nat?.source, row.nat?.destination],
        ...[row.original.source, row.original.destination, row.original.destinationPort],
      ];
    default:
      return [row.rowId];
  }
}
