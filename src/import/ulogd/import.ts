/** Converts ulogd.conf to nfscribe.toml. */

import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { RecordKind } from "../../record/kind.ts";
import { comment } from "../comment.ts";
import { parseConf, type Section } from "./conf.ts";
import { NO_OUTPUT } from "./outputs.ts";
import { logTable } from "./log.ts";
import { ServicePaths } from "./service_paths.ts";
import { Settings } from "./settings.ts";
import { type Conf, confOf, type Instance, type Stack } from "./stacks.ts";
import {
  anyOf,
  type Counterparts,
  entryOf,
  entryText,
  keyText,
  type Output,
  type Source,
  type Table,
  tableText,
  type Value,
} from "./table.ts";

/** Input plugins without a counterpart, and why. */
const NO_INPUT: Readonly<Record<string, string>> = {
  UNIXSOCK: "nfscribe takes no packets from NuFW",
};

/** Plugins whose work nfscribe does itself. */
const NOT_NEEDED = [
  "BASE",
  "IFINDEX",
  "IP2STR",
  "IP2BIN",
  "IP2HBIN",
  "HWHDR",
  "PRINTPKT",
  "PRINTFLOW",
  "LOCAL",
];

/** The socket that is asked for counters, in the service's folder as packaging/nfscribe.toml has it. */
const STATS: Table = {
  header: "[stats]",
  origin: "nfscribe stats and nfscribe doctor ask there",
  entries: [["socket", "/run/nfscribe/stats.sock"]],
  notes: [],
};

/**
 * Converts a configuration of ulogd.
 *
 * @param text ulogd's file.
 * @param file Its name, for messages.
 * @param counterparts Counterparts of ulogd's plugins.
 * @param paths Assigns files their paths.
 * @returns TOML, with comments about everything without an equivalent.
 * @throws {ConfigError} If nothing can be converted, or ulogd would not start with it.
 */
export function importUlogd(
  text: string,
  file: string,
  counterparts: Counterparts,
  paths: ServicePaths = new ServicePaths(),
): string {
  const conf = confOf(parseConf(text));
  const builder = new ConfigBuilder(conf, counterparts, paths);
  for (const stack of conf.stacks) builder.add(stack);
  const problems: ConfigProblem[] = [...conf.problems, ...builder.problems]
    .map(({ line, message }) => ({ key: `line ${line}`, message }));
  if (conf.stacks.length === 0 && problems.length === 0) problems.push(withoutStacks(conf, text));
  if (builder.sources.length === 0 && problems.length === 0) {
    problems.push(...builder.left.map(({ line, message }) => ({ key: `line ${line}`, message })));
  }
  if (problems.length > 0) throw new ConfigError(file, problems);
  return [
    comment(`What ${file} does (ulogd ${conf.version}.x). Try it: nfscribe check -c FILE`),
    ...[...conf.notes, ...builder.left].map(({ line, message }) =>
      comment(`line ${line}: ${message}`)
    ),
    "",
    builder.tables().map(tableText).join("\n\n"),
  ].join("\n");
}

/** Returns the error for a file with which ulogd itself does not start. */
function withoutStacks({ version }: Conf, text: string): ConfigProblem {
  if (version === 1) {
    return { key: "plugin", message: "no output is loaded; name one, as in ulogd_LOGEMU.so" };
  }
  const lines = text.split("\n").flatMap((line, index) =>
    /^\s*#\s*stack\s*=/.test(line) ? [index + 1] : []
  );
  const hint = lines.length === 0
    ? "name one, as in stack=log1:NFLOG,base1:BASE,pcap1:PCAP"
    : `take the # off those that you want, in the lines ${lines.join(", ")}`;
  return { key: "stack", message: `no stack is active, and ulogd does not start without; ${hint}` };
}

/** A part of the new configuration. */
interface Part<Kind> {
  name: string;
  origin: string;
  made: Kind;
}

/** A source of the new configuration. */
interface SourcePart extends Part<Source> {
  /** Names of its outputs. */
  outputs: Set<string>;
  /** ulogd's inputs that it stands for, with the names of their outputs. */
  inputs: Map<string, { made: Source; line: number; outputs: Set<string> }>;
}

/** An output of the new configuration. */
interface OutputPart extends Part<Output> {
  /** Kind of the records of its first stack. */
  kind: RecordKind;
  hasSpool: boolean;
}

/** Builds the configuration, stack by stack. */
class ConfigBuilder {
  readonly sources: SourcePart[] = [];
  readonly outputs: OutputPart[] = [];
  /** Settings that were left out, and why. */
  readonly left: { line: number; message: string }[] = [];
  /** Problems of the configuration. */
  readonly problems: { line: number; message: string }[] = [];
  readonly #conf: Conf;
  readonly #counterparts: Counterparts;
  readonly #paths: ServicePaths;
  /** The parts for instances; two instances may share one. */
  readonly #sourceOf = new Map<string, SourcePart>();
  readonly #outputOf = new Map<string, OutputPart | undefined>();

  constructor(conf: Conf, counterparts: Counterparts, paths: ServicePaths) {
    this.#conf = conf;
    this.#paths = paths;
    this.#counterparts = counterparts;
  }

  add(stack: Stack): void {
    const { input, filters, output, line } = stack;
    const { inputs, outputs } = this.#counterparts;
    const reason = NO_INPUT[input.plugin] ??
      (inputs[input.plugin] === undefined ? "nfscribe has no such plugin" : undefined);
    if (reason !== undefined) {
      const message = `the stack that begins with ${input.plugin} is left out: ${reason}`;
      this.left.push({ line, message });
      return;
    }
    if (outputs[output.plugin] === undefined) {
      const instead = NO_OUTPUT[output.plugin] ?? "nfscribe has no such plugin";
      const message = `the stack that ends with ${output.plugin} is left out: ${instead}`;
      this.left.push({ line, message });
      return;
    }
    const { kind } = inputs[input.plugin]!;
    if (!outputs[output.plugin]!.kinds.includes(kind)) {
      const message = `the stack that ends with ${output.plugin} is left out: ` +
        `this output takes no ${kind}s from ${input.plugin}`;
      this.left.push({ line, message });
      return;
    }
    const source = this.#source(input, line);
    const sink = this.#output(stack);
    if (sink !== undefined) {
      source.outputs.add(sink.name);
      source.inputs.get(input.name)!.outputs.add(sink.name);
    }
    for (const filter of filters) this.#note(source, filter, output.name);
  }

  /** Returns all tables, in order. */
  tables(): Table[] {
    const log = logTable(new Settings(this.#conf.global), this.#paths);
    const all = this.outputs.length;
    const joins = this.sources.map(joinOf);
    const sources = this.sources.map(({ name, origin, outputs }, index): Table => ({
      header: "[[source]]",
      origin,
      entries: [
        ...joins[index]!.entries,
        ["name", name],
        ...outputs.size === all ? [] : [["outputs", [...outputs]] as [string, string[]]],
      ],
      notes: joins[index]!.notes,
    }));
    const outputs = this.outputs.map(({ name, origin, made }): Table => {
      const notes = [...made.notes];
      const where = this.#whereOf(name, joins);
      const entries = made.entries.map(([key, value]): [string, Value] => {
        if (key !== "path") return [key, value];
        const place = this.#paths.of(String(value));
        notes.unshift(...place.notes);
        return [key, place.path];
      });
      if (where !== undefined) entries.push(["where", where]);
      return { header: `[output.${keyText(name)}]`, origin, entries, notes };
    });
    return [...sources, ...outputs, STATS, ...log === undefined ? [] : [log]];
  }

  /** Returns the expression that chooses an output's records; undefined where it gets all. */
  #whereOf(output: string, joins: readonly Join[]): string | undefined {
    const reaching = this.sources.flatMap(({ name, outputs }, index) =>
      outputs.has(output) ? [{ name, where: joins[index]!.wheres.get(output) }] : []
    );
    if (reaching.every(({ where }) => where === undefined)) return undefined;
    if (reaching.length === 1) return reaching[0]!.where;
    return anyOf(reaching.map(({ name, where }) => {
      const capture = `capture "${name.replaceAll(/[\\*?"]/g, "\\$&")}"`;
      return where === undefined ? capture : `${capture} and (${where})`;
    }));
  }

  #section(name: string): Section | undefined {
    return this.#conf.sections.find((section) => section.name === name);
  }

  #source({ name, plugin }: Instance, line: number): SourcePart {
    const known = this.#sourceOf.get(name);
    if (known !== undefined) return known;
    const section = this.#section(name);
    const made = this.#counterparts.inputs[plugin]!.make(new Settings(section));
    if (made.problem !== undefined) this.problems.push(made.problem);
    const typeOf = ({ entries }: Source) => entries[0]![1];
    let source = this.sources.find((other) =>
      typeOf(other.made) === typeOf(made) && other.made.share === made.share
    );
    if (source === undefined) {
      const origin = originOf(name, section, line);
      source = { name, origin, made, outputs: new Set(), inputs: new Map() };
      this.sources.push(source);
    }
    source.inputs.set(name, { made, line, outputs: new Set() });
    this.#sourceOf.set(name, source);
    return source;
  }

  #output({ input, filters, output: { name, plugin }, line }: Stack): OutputPart | undefined {
    const { kind } = this.#counterparts.inputs[input.plugin]!;
    const known = this.#outputOf.get(name);
    const isKnown = this.#outputOf.has(name);
    if (isKnown && (known === undefined || known.kind === kind)) return known;
    const section = this.#section(name);
    const { make, hasSpool } = this.#counterparts.outputs[plugin]!;
    const made = make(new Settings(section), this.#conf.version, {
      filters: filters.map(({ plugin }) => plugin),
      input: new Settings(this.#section(input.name)),
      kind,
    });
    // Records of another kind may have a file of their own, under the same name.
    if (known !== undefined && pathOf(known.made) === pathOf(made)) return known;
    const own = isKnown ? `${name}-${kind}` : name;
    if (this.#outputOf.has(own)) return this.#outputOf.get(own);
    const part = { name: own, origin: originOf(name, section, line), made, hasSpool, kind };
    const output = this.#settled(part, line);
    this.#outputOf.set(own, output);
    return output;
  }

  /** Returns the output with a file that no other has; undefined where that cannot be. */
  #settled(output: OutputPart, line: number): OutputPart | undefined {
    const path = pathOf(output.made);
    const twin = this.outputs.find((other) => path !== undefined && pathOf(other.made) === path);
    if (twin !== undefined) {
      const isSame = entryOf(twin.made, "type") === entryOf(output.made, "type");
      twin.made.notes.push(
        isSame
          ? `line ${line}: ${output.name} has the same file, and is this output, too`
          : `line ${line}: ${output.name} is left out: it has the same file`,
      );
      return isSame ? twin : undefined;
    }
    if (output.hasSpool && this.outputs.some(({ hasSpool }) => hasSpool)) {
      output.made.entries.push(["spool", `spool-${output.name}`]);
    }
    this.outputs.push(output);
    return output;
  }

  /** Adds a note about a filter of ulogd. */
  #note(source: Part<Source>, { name, plugin }: Instance, output: string): void {
    if (NOT_NEEDED.includes(plugin)) return;
    const section = this.#section(name);
    const note = plugin === "MARK"
      ? markNote(name, output, section)
      : `${name} (${plugin}) has no counterpart`;
    if (!source.made.notes.includes(note)) source.made.notes.push(note);
  }
}

function pathOf(output: Output): Value | undefined {
  return entryOf(output, "path");
}

/** A source's table, and the expressions of its outputs. */
interface Join extends Pick<Source, "entries" | "notes"> {
  /** Expressions that choose the records of outputs, by name; those that get all have none. */
  wheres: Map<string, string>;
}

/** Joins the inputs that a source stands for. */
function joinOf({ made, outputs, inputs }: SourcePart): Join {
  const all = [...inputs.values()];
  const join = all.length === 1 ? undefined : made.join?.(all.map((input) => input.made));
  const entries = join?.entries ?? made.entries;
  const wheres = new Map<string, string>();
  for (const output of outputs) {
    const choices = all.flatMap((input, index) =>
      input.outputs.has(output) ? [join?.choices[index]] : []
    );
    // Of several inputs it gets what either of them lets through.
    if (!choices.includes(undefined)) wheres.set(output, anyOf(choices as string[]));
  }
  const twins = [...inputs].slice(1).flatMap(([name, input]) => [
    twinNote(name, input.made, join === undefined ? made : undefined, input.line),
    ...input.made.notes,
  ]);
  return { entries, notes: [...new Set([...made.notes, ...twins])], wheres };
}

/**
 * Returns the note on an input that the source of another one stands for.
 *
 * @param kept The other one, if that is all of the source.
 */
function twinNote(name: string, made: Source, kept: Source | undefined, line: number): string {
  const keptTexts = (kept ?? made).entries.map(entryText);
  const left = made.entries.map(entryText).filter((text) => !keptTexts.includes(text));
  const loss = left.length === 0 ? "" : `; left out: ${left.join(", ")}`;
  return `line ${line}: ${name} reads ${made.share}, too, and is this source${loss}`;
}

function originOf(name: string, section: Section | undefined, line: number): string {
  return `${name}, line ${section?.line ?? line}`;
}

function markNote(name: string, output: string, section: Section | undefined): string {
  const settings = new Settings(section);
  const mark = settings.number("mark")?.number ?? 0;
  const mask = settings.number("mask")?.number ?? -1;
  const masked = mask === -1 ? "packet.mark" : `(packet.mark & ${mask})`;
  return `line ${
    section?.line ?? 1
  }: ${name} (MARK) let only packets with mark ${mark} through to ${output}: ` +
    `say so in the rule, or in a filter script: return ${masked} === ${mark}`;
}
