/**
 * Options for sources and outputs, made from their definitions. `common_options.ts` holds
 * the others, so that a command without these loads no definition.
 */

import type { Shorthand } from "../definition.ts";
import type { OutputShorthand, OutputType } from "../output/define.ts";
import { outputs } from "../output/outputs.ts";
import type { SourceShorthand, SourceType } from "../source/define.ts";
import { sources } from "../source/sources.ts";
import type { Option } from "./command.ts";

/** A source that the command line has an option for. */
export type ShortSource = SourceType & { shorthand: SourceShorthand };

/** Sources that the command line has options for. */
export const SHORT_SOURCES: readonly ShortSource[] = Object.values(sources)
  .filter((source): source is ShortSource => source.shorthand !== undefined);
/** All outputs: each has an option, named as its type. */
export const ALL_OUTPUTS: readonly OutputType[] = Object.values(outputs);
/** Names of the options that stand for a source or an output. */
export const PART_OPTIONS: readonly string[] = [
  ...SHORT_SOURCES.map(({ shorthand }) => shorthand.name),
  ...ALL_OUTPUTS.map(({ type }) => type),
];
/** The source that reads capture files. */
export const CAPTURE_FILES: SourceType = Object.values(sources).find(({ isReplayed }) =>
  isReplayed === true
)!;

/** An option and a value, as in `--group 1`, of the first source. */
export const SOURCE_EXAMPLE = `--${SHORT_SOURCES[0]!.shorthand.name} ${
  SHORT_SOURCES[0]!.shorthand.example
}`;
/** An option and a value of the first output, as in `--pcap trace.pcap`. */
export const OUTPUT_EXAMPLE = `--${ALL_OUTPUTS[0]!.type} ${ALL_OUTPUTS[0]!.shorthand.example}`;

/** Options that stand for outputs. */
export const OUTPUTS: readonly Option[] = ALL_OUTPUTS.map(outputOption);

/**
 * Returns options that stand for outputs, for a command that has options of the same name with
 * another meaning.
 *
 * @param used Names of the command's own options.
 */
export function outputsBeside(...used: readonly string[]): readonly Option[] {
  return OUTPUTS.filter(({ name }) => !used.includes(name));
}

/** Options that stand for a source. */
export const SOURCE: readonly Option[] = [
  ...SHORT_SOURCES.map(({ shorthand }) => partOption(shorthand.name, shorthand)),
  { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
];

/** Returns the option that stands for an output. */
export function outputOption({ type, shorthand, init }: OutputType): Option {
  const option = partOption(type, shorthand);
  const start = /^\w+:\/\//.exec(init.value)?.[0];
  return start === undefined ? option : { ...option, start };
}

/** Returns the table of an output that its option stands for. */
export function shortTable(
  { shorthand: { key } }: OutputType,
  value: string,
): Record<string, string> {
  return key === undefined ? {} : { [key]: value };
}

function partOption(name: string, shorthand: Shorthand | OutputShorthand): Option {
  const { value, help, like, letter } = shorthand;
  if (value === undefined) return { name, help };
  return { name, value, help, like, ...letter !== undefined && { letter } };
}
