/**
 * The options that stand for sources and outputs, as their definitions tell of them.
 * They stand beside `common_options.ts` so that a command that takes none of them loads
 * no definition.
 *
 * @module
 */

import type { OutputType } from "../output/define.ts";
import { outputs } from "../output/outputs.ts";
import { groupSource } from "../source/sources.ts";
import type { Option } from "./command.ts";

/** Options that stand for outputs. */
export const OUTPUTS: readonly Option[] = Object.values(outputs).map(outputOption);

/** Options that stand for a source. */
export const SOURCE: readonly Option[] = [
  { ...groupSource.shorthand!, value: "N", letters: ["i"], like: /^\d+$/ },
  { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
];

/** Returns the option that stands for an output. */
export function outputOption({ type, shorthand }: OutputType): Option {
  const { value, like, letters = [], help } = shorthand;
  return { name: type, value, like, letters, help };
}
