/** `nfscribe completions`: what a shell needs to complete command lines. */

import type { Choices, Command, ParsedOptions } from "../command.ts";
import { bashCompletions } from "./bash.ts";
import { fishCompletions } from "./fish.ts";
import { zshCompletions } from "./zsh.ts";
import { DONE } from "../status.ts";

const SHELLS = {
  bash: "bash 4.4 and later",
  zsh: "zsh 5 and later",
  fish: "fish 3 and later",
} satisfies Choices;

const SCRIPTS: Readonly<
  Record<keyof typeof SHELLS, (commands: readonly Command[]) => string>
> = { bash: bashCompletions, zsh: zshCompletions, fish: fishCompletions };

/**
 * Returns the command `nfscribe completions`.
 *
 * @param allCommands Loads the commands to complete.
 */
export function completionsCommand(allCommands: () => Promise<Command[]>): Command {
  return {
    name: "completions",
    summary: "print what a shell needs to complete command lines",
    details: `Completes commands, their options, and the files and words that these take. Prints
a script, which is to be put where the shell looks for one; the next shell that is
started has it.`,
    operands: [{ name: "SHELL", choices: SHELLS, help: "the shell" }],
    options: [],
    examples: [
      ["source <(nfscribe completions bash)", "in this shell only; the same with zsh"],
      [
        "nfscribe completions bash > /etc/bash_completion.d/nfscribe",
        "for everybody",
      ],
      [
        'nfscribe completions zsh > "${fpath[1]}/_nfscribe"',
        "into the first folder that zsh looks in",
      ],
      [
        "nfscribe completions fish > ~/.config/fish/completions/nfscribe.fish",
        "for this user",
      ],
    ],
    execute: async (options: ParsedOptions) => {
      const shell = options.SHELL as keyof typeof SHELLS;
      console.log(SCRIPTS[shell](await allCommands()).trimEnd());
      return DONE;
    },
  };
}
