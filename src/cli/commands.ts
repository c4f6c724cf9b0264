/**
 * Table of all commands. A command's module is loaded on its use only: `nfscribe run`
 * starts without the modules of the others.
 */

import type { Command } from "./command.ts";
import type { Commands, Section } from "./command_line.ts";

type Loaders = Readonly<Record<string, () => Promise<Command>>>;

/** Commands by purpose. Literal specifiers need no permission to be imported. */
const SECTIONS: readonly { title: string; loaders: Loaders }[] = [
  {
    title: "Get started",
    loaders: {
      init: async () => (await import("./init/command.ts")).initCommand,
      try: async () => (await import("./try/command.ts")).tryCommand,
    },
  },
  {
    title: "Log packets",
    loaders: {
      run: async () => (await import("./run/command.ts")).runCommand,
      check: async () => (await import("./check/command.ts")).checkCommand,
    },
  },
  {
    title: "Try a filter, on packets in a file",
    loaders: {
      test: async () => (await import("./test/command.ts")).testCommand,
      explain: async () => (await import("./explain/command.ts")).explainCommand,
      replay: async () => (await import("./replay/command.ts")).replayCommand,
    },
  },
  {
    title: "Look at what is going on",
    loaders: {
      watch: async () => (await import("./watch/command.ts")).watchCommand,
      web: async () => (await import("./web/command.ts")).webCommand,
      stats: async () => (await import("./stats/command.ts")).statsCommand,
      doctor: async () => (await import("./doctor/command.ts")).doctorCommand,
    },
  },
  {
    title: "Prepare what is around it",
    loaders: {
      rules: async () => (await import("./rules/command.ts")).rulesCommand,
      db: async () => (await import("./db/command.ts")).dbCommand,
      import: async () => (await import("./import/command.ts")).importCommand,
      // It completes all commands.
      completions: async () =>
        (await import("./completions/command.ts")).completionsCommand(allCommands),
    },
  },
];

const LOADERS: Loaders = Object.assign({}, ...SECTIONS.map(({ loaders }) => loaders));

/** Names of all commands. */
export const commandNames: readonly string[] = Object.keys(LOADERS);

/**
 * Loads one command.
 *
 * @param name One of `commandNames`.
 */
export async function commandOf(name: string): Promise<Command> {
  return await LOADERS[name]!();
}

/** Loads all commands, section by section. */
export async function allSections(): Promise<Section[]> {
  return await Promise.all(
    SECTIONS.map(async ({ title, loaders }) => ({
      title,
      commands: await Promise.all(Object.values(loaders).map((load) => load())),
    })),
  );
}

/** Loads all commands. */
export async function allCommands(): Promise<Command[]> {
  return (await allSections()).flatMap(({ commands }) => commands);
}

/** All commands. */
export const commands: Commands = {
  names: commandNames,
  one: commandOf,
  sections: allSections,
};
