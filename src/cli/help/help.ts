/** Texts of `--help`. Pure. */

import { type Command, optionsOf } from "../command.ts";
import type { Section } from "../command_line.ts";
import { body, filled, table, widthOf } from "./layout.ts";
import { operandWord, optionHelp, optionWords, usage } from "./words.ts";

const TITLE = "nfscribe: the scriptable packet logger for Linux firewalls";

/** Text of `nfscribe` without a command. */
export const SHORT_HELP: string = `${TITLE}

Usage: nfscribe COMMAND [OPTION…]

  nfscribe run --group 1 --logemu -          a line per packet on the terminal
  nfscribe run --group 1 --pcap trace.pcap   the packets in a file, for tcpdump

where a firewall rule logs to group 1:

  nft add rule inet filter input tcp dport 22 log group 1
  iptables -I INPUT -p tcp --dport 22 -j NFLOG --nflog-group 1

nfscribe --help shows all commands.`;

/** Returns the text of `nfscribe --help`. */
export function overview(sections: readonly Section[]): string {
  const width = widthOf(sections.flatMap(({ commands }) => commands.map(({ name }) => name)));
  return [
    TITLE,
    "",
    "Usage: nfscribe COMMAND [OPTION…]",
    ...sections.flatMap(({ title, commands }) => [
      "",
      `${title}:`,
      ...table(commands.map(({ name, summary }) => [name, summary] as const), width),
    ]),
    "",
    ...table([
      ["nfscribe COMMAND --help", "tells more, with examples"],
      ["nfscribe --version", "tells the version"],
    ]).map((line) => line.trimStart()),
  ].join("\n");
}

/** Returns the text of `nfscribe COMMAND --help`; examples may be wider than a terminal. */
export function commandHelp(command: Command): string {
  const { name, summary, details, operands = [], examples } = command;
  const options = optionsOf(command).map((option) =>
    [optionWords(option), optionHelp(option)] as const
  );
  const width = widthOf([...options.map(([words]) => words), ...operands.map(operandWord)]);
  return [
    ...filled(`nfscribe ${name}: ${summary}`),
    "",
    ...body(details),
    "",
    `Usage: ${usage(command)}`,
    ...table(operands.map((operand) => [operandWord(operand), operand.help] as const), width),
    ...operands.flatMap(({ name, choices }) =>
      choices === undefined ? [] : ["", `${name} is one of:`, ...table(Object.entries(choices))]
    ),
    "",
    "Options:",
    ...table(options, width),
    "",
    "Examples:",
    ...examples.flatMap(([line, help]) => [`  ${line}`, ...filled(help, 6)]),
  ].join("\n");
}
