/**
 * Finds which inputs ulogd joins with which outputs. ulogd 2 has `stack=` lines; ulogd 1 passes
 * everything that it receives to every loaded output.
 */

import type { LineNote, Section, Setting } from "./conf.ts";
import type { Version } from "./table.ts";

/** A plugin instance in a stack. */
export interface Instance {
  /** Its name, which is also its section's. */
  name: string;
  /** Its plugin, such as `LOGEMU`. */
  plugin: string;
}

/** A path of packets. */
export interface Stack {
  /** Its start. */
  input: Instance;
  filters: Instance[];
  /** Its end. */
  output: Instance;
  /** Its line, from 1. */
  line: number;
}

/** A configuration of either version. */
export interface Conf {
  /** Version of ulogd. */
  version: Version;
  /** Settings of ulogd itself. */
  global: Section;
  /** Sections of instances. */
  sections: readonly Section[];
  stacks: Stack[];
  /** Lines with errors, and the errors. */
  problems: LineNote[];
  /** Lines that are interpreted differently than by ulogd, and how. */
  notes: LineNote[];
}

/** Keys of ulogd 1.0x, which has no sections, with the plugin and the key of 1.2x. */
const FLAT_KEYS: readonly (readonly [pattern: RegExp, plugin: string])[] = [
  [/^syslog(file|sync)$/, "LOGEMU"],
  [/^pcap(file|sync)$/, "PCAP"],
  [/^pgsql(table|pass|user|db|host|port|schema)$/, "PGSQL"],
  [/^mysql(table|pass|user|db|host|port)$/, "MYSQL"],
  [/^sqlite3?(table|db|buffer)$/, "SQLITE3"],
  [/^dump(file)$/, "OPRINT"],
];

/** Plugins of ulogd 1 that parse packets; their names do not show it. */
const INTERPRETERS = ["BASE", "PWSNIFF", "LOCAL"];

/** Finds the stacks of a file. */
export function confOf(sections: readonly Section[]): Conf {
  const conf = readConf(sections);
  const ofValues = sections.flatMap(({ settings }) =>
    settings.flatMap(({ line, note }) => note === undefined ? [] : [{ line, message: note }])
  );
  const notes = [...ofValues, ...conf.notes].sort((a, b) => a.line - b.line);
  return { ...conf, notes };
}

/**
 * Returns the settings of ulogd itself, including those that ulogd 2 does not find where they are.
 */
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

/** Returns the sections that ulogd 1.2x would have. */
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

/** Returns the plugin's name, such as `LOGEMU` for `/usr/lib/ulogd/ulogd_LOGEMU.so`. */
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
