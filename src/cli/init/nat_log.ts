/** The configuration of a NAT log, which `nfscribe init --nat-log` writes. */

import { type ParsedOptions, UsageError } from "../command.ts";
import { ALL_OUTPUTS, SHORT_SOURCES } from "../part_options.ts";
import { sourceKey, sourceValue } from "../options.ts";
import type { InitAnswers, InitSource } from "./texts.ts";
import { openingLines, outputTables, remarked, sourceTable } from "./texts.ts";

/** The source that knows translations. */
const SOURCE = SHORT_SOURCES.find((source): source is InitSource =>
  source.init?.natLog !== undefined
)!;
/** The output of a NAT log where none is named. */
const OUTPUT = ALL_OUTPUTS.find(({ init }) => init.natLog !== undefined)!;

/** Expression that chooses translated flows, in the kernel. */
const WHERE = "nat";

/** Meaning of the key for ends that were lost. */
const RECONCILE = "an end for each flow, though lost; not with user";

/** Options that say something else about what is logged. */
const OTHERS: readonly string[] = [
  ...SHORT_SOURCES.map(({ shorthand }) => shorthand.name),
  ...["copy-range", "rules", "fleet"],
];

/**
 * Collects the answers for a NAT log.
 *
 * @throws {UsageError} If an option does not go with it.
 */
export function natLogAnswers(options: ParsedOptions): InitAnswers {
  const other = OTHERS.find((name) => options[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--${other} does not go with --nat-log, which logs translated flows`);
  }
  const named = ALL_OUTPUTS.flatMap((type) => {
    const value = options[type.type];
    return value === undefined ? [] : [{ type, value }];
  });
  return {
    sources: [{
      type: SOURCE,
      key: sourceKey(SOURCE),
      value: sourceValue(SOURCE, SOURCE.init.natLog!),
    }],
    copyRange: 0,
    outputs: named.length > 0 ? named : [{ type: OUTPUT, value: OUTPUT.init.natLog! }],
  };
}

/**
 * Returns the text of nfscribe.toml.
 *
 * @param answers Its source and outputs.
 * @param sources Where nfscribe is, for the schema; undefined where that is nowhere.
 */
export function natLogText(answers: InitAnswers, sources: string | undefined): string {
  const remark = "a record where a flow begins, and one at its end";
  return `${
    openingLines(
      "A NAT log (RFC 6888): who had which public address and port, and when. Ask it by\n" +
        '#     nfscribe db query --nat 198.51.100.7:40001 --at "2026-11-28 07:52:34"\n' +
        "# What begins",
      sources,
    )
  }${sourceTable(answers.sources[0]!, 0, remark)}${remarked("# reconcile = true", RECONCILE)}
${remarked(`where = "${WHERE}"`, "translated flows only")}

${outputTables(answers).join("\n")}
[stats]
socket = "nfscribe.sock"       # nfscribe stats and nfscribe doctor ask there
# metrics = "127.0.0.1:9477"   # for Prometheus

[log]                          # nfscribe's own messages
# file = "-"                   # standard error
`;
}

/** Commands to type next, with what they do. */
export const NAT_LOG_STEPS: readonly (readonly [line: string, help: string])[] = [
  ["check", "is the configuration right, and which rights does it take?"],
  ["run", "logs until Ctrl-C; it takes root"],
  ["db query --nat ADDRESS:PORT --at TIME", "who had it then?"],
];
/** Advice behind them. */
export const NAT_LOG_ADVICE =
  "sysctl -w net.netfilter.nf_conntrack_timestamp=1 has the kernel tell when a flow began at its\n" +
  "end, too: needed where the record of the beginning is lost, or older than nfscribe.";
