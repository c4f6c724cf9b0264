/** Charts by action, made of those by prefix. Pure. */

import { type ActionPatterns, ACTIONS, ActionTable } from "../../packet/actions.ts";
import { type Chart, OTHER_KEY } from "../../output/table/reading.ts";

/**
 * Adds up the prefixes of each action.
 *
 * @returns The chart; its keys are actions, "" for prefixes without one, and {@linkcode OTHER_KEY}
 * for prefixes that the chart does not name.
 */
export function byAction(chart: Chart, patterns: ActionPatterns): Chart {
  const table = new ActionTable(patterns);
  const sums = new Map<string, { packets: number[]; bytes: number[] }>();
  chart.keys.forEach((prefix, index) => {
    const isRest = prefix === OTHER_KEY && index === chart.keys.length - 1;
    const key = isRest ? OTHER_KEY : actionOf(table, prefix);
    const [packets, bytes] = [chart.packets[index]!, chart.bytes[index]!];
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { packets: [...packets], bytes: [...bytes] });
    else {
      packets.forEach((count, at) => sum.packets[at]! += count);
      bytes.forEach((count, at) => sum.bytes[at]! += count);
    }
  });
  return {
    ...chart,
    keys: [...sums.keys()],
    packets: [...sums.values()].map(({ packets }) => packets),
    bytes: [...sums.values()].map(({ bytes }) => bytes),
  };
}

/** Returns the action of a prefix; empty where no pattern matches. */
function actionOf(table: ActionTable, prefix: string): string {
  const bytes = new TextEncoder().encode(prefix);
  const prefixed = { bytes, prefixOffset: 0, prefixLength: bytes.length };
  return ACTIONS[table.find(prefixed)] ?? "";
}
