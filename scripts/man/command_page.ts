/**
 * nfscribe(1): the commands as `--help` describes them, and what all of them share. Pure.
 *
 * @module
 */

import { type Command, type Option, optionsOf } from "../../src/cli/command.ts";
import type { Section } from "../../src/cli/command_line.ts";
import { paragraphs } from "../../src/cli/help/layout.ts";
import { operandWord, optionHelp, usage } from "../../src/cli/help/words.ts";
import { heading, item, literal, page, paragraph, subheading, type Title, title } from "./roff.ts";

type Item = readonly [word: string, text: string];

const SIGNALS: readonly Item[] = [
  [
    "`SIGINT`, `SIGTERM`",
    "`run` and `replay` end in order: what the kernel still holds is received, decided and " +
    "written. A second one ends them at once; files end at a whole record all the same.",
  ],
  [
    "`SIGHUP`",
    "Opens files anew, and takes the configuration and the filter as they are now. A configuration " +
    "that cannot be used is refused, and the one before goes on.",
  ],
  ["`SIGUSR1`", "Writes the counters to the log."],
];

const EXIT_STATUS: readonly Item[] = [
  ["`0`", "Done, or ended by a signal, and nothing was lost."],
  ["`1`", "It failed while it ran, or could not open something."],
  ["`2`", "Bad usage or configuration; nothing was opened."],
  [
    "`3`",
    "Done, or ended by a signal, but packets were lost: by the kernel, or at an output that was " +
    "behind or broken. The counters tell where.",
  ],
];

const ENVIRONMENT: readonly Item[] = [
  [
    "`NFSCRIBE_POSTGRES_URL`",
    "The database, where neither the configuration nor an option names one.",
  ],
  ["`PGHOST`, `PGUSER`, …", "The same piece by piece, as psql(1) has it."],
  [
    "`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `LISTEN_FDS`, `FDSTORE`",
    "What systemd(1) tells a service: where to report its state, how often, and which sockets are " +
    "kept across restarts.",
  ],
  ["`JOURNAL_STREAM`", "Whether the journal reads standard error; lines then have a priority."],
  ["`NO_COLOR`", "No colours on a terminal, if it is set and not empty."],
];

const FILES: readonly Item[] = [
  ["`nfscribe.toml`", "The configuration in the current folder, where no option names another."],
  ["`/etc/nfscribe/nfscribe.toml`", "The configuration of the service."],
];

const EXAMPLES: readonly Item[] = [
  [
    "`nft add rule inet filter input tcp dport 22 log group 1`",
    "A rule that logs to group 1 what comes for the SSH server.",
  ],
  ["`nfscribe run --group 1 --pcap ssh.pcap`", "Writes what it logs to a file."],
  ["`nfscribe test filter.ts ssh.pcap`", "Tells where a filter would send these packets."],
  ["`nfscribe check -c nfscribe.toml`", "Tells whether a configuration is right, before a start."],
];

/**
 * Returns the page.
 *
 * @param sections The commands.
 * @param about When it was changed, and which version it is about.
 */
export function commandPage(
  sections: readonly Section[],
  about: Pick<Title, "date" | "source">,
): string {
  const items = (items: readonly Item[]) => items.flatMap(([word, text]) => item(word, text));
  return page([
    ...title({ name: "nfscribe", section: 1, ...about }),
    ...heading("NAME"),
    "nfscribe \\- the scriptable packet logger for Linux firewalls",
    ...heading("SYNOPSIS"),
    "\\fBnfscribe\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR\\[u2026]]",
    ...heading("DESCRIPTION"),
    ...paragraph(
      "A firewall rule logs packets to a group. `nfscribe` reads them there, asks a filter written " +
        "in TypeScript where each one goes, in a sandbox that can touch nothing, and writes pcap " +
        "files, lines as ulogd(8) does, or rows of a PostgreSQL database.",
    ),
    ...paragraph(
      "`nfscribe --help` shows the commands, `nfscribe COMMAND --help` what this page says of one, " +
        "`nfscribe --version` the version.",
    ),
    ...sections.flatMap(({ title, commands }) => [
      ...heading(title.toUpperCase()),
      ...commands.flatMap(describe),
    ]),
    ...heading("SIGNALS"),
    ...items(SIGNALS),
    ...heading("EXIT STATUS"),
    ...items(EXIT_STATUS),
    ...heading("ENVIRONMENT"),
    ...items(ENVIRONMENT),
    ...heading("FILES"),
    ...items(FILES),
    ...heading("EXAMPLES"),
    ...items(EXAMPLES),
    ...heading("SEE ALSO"),
    "\\fBnfscribe.toml\\fR(5), \\fBnft\\fR(8), \\fBiptables\\-extensions\\fR(8), \\fBtcpdump\\fR(1)",
  ]);
}

function describe(command: Command): string[] {
  const { summary, details, operands = [], examples } = command;
  return [
    ...subheading(usage(command)),
    ...paragraph(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`),
    ...paragraphs(details).flatMap(({ text, isLiteral }) =>
      isLiteral ? literal(text) : paragraph(text)
    ),
    ...operands.flatMap((operand) => [
      ...item(`\`${operandWord(operand)}\``, operand.help),
      ...words(operand.choices),
    ]),
    ...optionsOf(command).flatMap((option) => [
      ...item(optionWord(option), optionHelp(option)),
      ...words(option.choices),
    ]),
    ...paragraph(examples.length === 1 ? "Example:" : "Examples:"),
    ...examples.flatMap(([line, help]) => item(`\`${line}\``, help)),
  ];
}

function optionWord({ name, short, value }: Option): string {
  const letter = short === undefined ? "" : `\`-${short}\`, `;
  return `${letter}\`--${name}\`${value === undefined ? "" : ` ${value}`}`;
}

/** Words to choose from, below what takes them. */
function words(choices: Readonly<Record<string, string>> = {}): string[] {
  const items = Object.entries(choices).flatMap(([word, help]) => item(`\`${word}\``, help));
  return items.length === 0 ? [] : [".RS", ...items, ".RE"];
}
