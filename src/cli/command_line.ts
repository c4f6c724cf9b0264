/** The commands of a command line: all, or one. */

import type { Command } from "./command.ts";

/** Commands that serve one purpose. */
export interface Section {
  /** The purpose of its commands. */
  title: string;
  commands: readonly Command[];
}

/** Commands that a command line has. */
export interface Commands {
  /** Their names. */
  names: readonly string[];
  /** Loads one of them. */
  one(name: string): Promise<Command>;
  /** Loads all of them, section by section. */
  sections(): Promise<Section[]>;
}

/**
 * Returns a command line of one command, which needs no modules of the others.
 *
 * @param names Names of all commands, for messages.
 */
export function alone(command: Command, names: readonly string[]): Commands {
  const one = () => Promise.resolve(command);
  return { names, one, sections: async () => [{ title: "", commands: [await one()] }] };
}
