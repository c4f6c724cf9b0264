/**
 * What ulogd joins: inputs with outputs. ulogd 2 says so in `stack=` lines;
 * ulogd 1 gives what it receives to every output that is loaded.
 *
 * @module
 */

import type { LineNote, Section, Setting } from "./conf.ts";
import type { Version } from "./table.ts";

/** One part of a stack. */
export interface Instance {
  /** Its name, and its section's. */
  name: string;
  /** Its plugin, as in `LOGEMU`. */
  plugin: string;
}

/** A way that packets go. */
export interface Stack {
  /** Where they come from. */
  input: Instance;
  /** What they pass. */
  filters: Instance[];
  /** Where they end. */
  output: Instance;
  /** The line that says so, from 1 on. */
  line: number;
}

/** A configuration, whichever version wrote it. */
export interface Conf {
  /** Whose it is. */
  version: Version;
  /** Settings of ulogd itself. */
  global: Section;
  /** Sections of instances. */
  sections: readonly Section[];
  /** What is joined. */
  stacks: Stack[];
  /** Lines that say something else than they should, each with what is wrong. */
  problems: LineNote[];
  /** Lines that are read otherwise than ulogd does, each with how. */
  notes: LineNote[];
}

/** Keys of ulogd 1.0x, which has no sections, with the plugin and the key that 1.2x has for them. */
const FLAT_KEYS: readonly (readonly [pattern: RegExp, plugin: string])[] = [
  [/^syslog(file|sync)$/, "LOGEMU"],
  [/^pcap(file|sync)$/, "PCAP"],
  [/^pgsql(table|pass|user|db|host|port|schema)$/, "PGSQL"],
  [/^mysql(table|pass|user|db|host|port)$/, "MYSQL"],
  [/^sqlite3?(table|db|buffer)$/, "SQLITE3"],
  [/^dump(file)$/, "OPRINT"],
];

/** Plugins of ulogd 1 that read packets; their names say so nowhere. */
const INTERPRETERS = ["BASE", "PWSNIFF", "LOCAL"];

/**
 * Finds out what a file joins.
 *
 * @param sections The file.
 */
export function confOf(sections: readonly Section[]): Conf {
  const conf = readConf(sections);
  const ofValues = sections.flatMap(({ settings }) =>
    settings.flatMap(({ line, note }) => note === undefined ? [] : [{ line, message: note }])
  );
  const notes = [...ofValues, ...conf.notes].sort((a, b) => a.line - b.line);
  return { ...conf, notes };
}

/** Settings of ulogd itself, and the same from where ulogd 2 does not look for them. */
function globalOf([top, ...named]: readonly Section[]): { global: Section; notes: LineNote[] } {
  const own = named.find(({ name }) => name === "global") ?? { name: "", line: 1, settings: [] };
  const strayed = named.filter((section) => section !== own)
    .flatMap(({ settings }) => settings.filter(({ key }) => key === "stack"));
  const others = [...top!.settings, ...strayed];
  const notes = others.filter(({ key }) => key === "stack").map(({ line }) => ({
    line,
    message: "ulogd 2 reads stack below [global] only, and does not start without; " +
      "here it counts all the same",
  }));
  return { global: { ...own, settings: [...own.settings, ...others] }, notes };
}

function readConf(sections: readonly Section[]): Conf {
  const [top, ...named] = sections;
  if (named.length === 0 && !top!.settings.some(({ key }) => key === "stack")) {
    return version1(withoutSections(top!));
  }
  const { global, notes } = globalOf(sections);
  const isOld = !global.settings.some(({ key }) => key === "stack") &&
    global.settings.some(({ key, value }) =>
      key === "nlgroup" || (key === "plugin" && /ulogd_[A-Z\d]+\.so$/.test(value))
    );
  return isOld ? version1([global, ...named.filter(({ name }) => name !== "global")]) : {
    version: 2,
    global,
    sections: named.map((section) => ({
      ...section,
      settings: section.settings.filter(({ key }) => key !== "stack"),
    })),
    notes,
    ...stacksOf(global.settings),
  };
}

/** The sections that ulogd 1.2x would have. */
function withoutSections({ settings }: Section): Section[] {
  const global: Section = { name: "global", line: 1, settings: [] };
  const sections = new Map<string, Section>();
  for (const setting of settings) {
    const [pattern, plugin] = FLAT_KEYS.find(([pattern]) => pattern.test(setting.key)) ?? [];
    if (pattern === undefined) {
      global.settings.push(setting);
      continue;
    }
    const section = sections.get(plugin!) ?? { name: plugin!, line: setting.line, settings: [] };
    sections.set(plugin!, section);
    section.settings.push({ ...setting, key: pattern.exec(setting.key)![1]! });
  }
  return [global, ...sections.values()];
}

function version1([global, ...sections]: readonly Section[]): Conf {
  const input: Instance = { name: "ulog", plugin: "ULOG" };
  const plugins = global!.settings.filter(({ key }) => key === "plugin")
    .map(({ value, line }) => ({ name: pluginName(value), line }));
  const filters = plugins.filter(({ name }) => INTERPRETERS.includes(name))
    .map(({ name }) => ({ name, plugin: name }));
  const stacks = plugins.filter(({ name }) => !INTERPRETERS.includes(name))
    .map(({ name, line }) => ({ input, filters, output: { name, plugin: name }, line }));
  const settings = global!.settings.filter(({ key }) =>
    ["nlgroup", "rmem", "bufsize"].includes(key)
  );
  const line = settings.find(({ key }) => key === "nlgroup")?.line ?? global!.line;
  return {
    version: 1,
    global: { ...global!, settings: global!.settings.filter((other) => !settings.includes(other)) },
    sections: [...sections, { name: input.name, line, settings }],
    stacks,
    problems: [],
    notes: [],
  };
}

/** `/usr/lib/ulogd/ulogd_LOGEMU.so` to `LOGEMU`. */
function pluginName(path: string): string {
  return /(?:ulogd_)?([^/]*?)(?:\.so)?$/.exec(path)?.[1] ?? path;
}

function stacksOf(settings: readonly Setting[]): Pick<Conf, "stacks" | "problems"> {
  const result: Pick<Conf, "stacks" | "problems"> = { stacks: [], problems: [] };
  for (const { key, value, line } of settings) {
    if (key !== "stack") continue;
    const parts = value.split(",").map((part) => part.trim().split(":"));
    const instances = parts.map(([name = "", plugin = ""]) => ({ name, plugin }));
    const [input, ...others] = instances;
    const output = others.pop();
    if (output === undefined || instances.some(({ name, plugin }) => !name || !plugin)) {
      const message = `the stack is not as in log1:NFLOG,…,emu1:LOGEMU: ${value}`;
      result.problems.push({ line, message });
    } else {
      result.stacks.push({ input: input!, filters: others, output, line });
    }
  }
  return result;
}
