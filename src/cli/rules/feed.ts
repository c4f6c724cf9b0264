/** The rules that feed the sources of a configuration, as `nfscribe rules` prints them. */

import type { Config } from "../../config/config.ts";
import { DEFAULT_FILE, SYSTEM_FILE, usualFile } from "../../config/file.ts";
import { ConfigError } from "../../errors.ts";
import { comment } from "../../import/comment.ts";
import {
  type Feed,
  type FeedHook,
  type FeedOptions,
  iptablesFeed,
  isNftScript,
  nftFeed,
} from "../../import/feed.ts";
import { feedMatch, NEW_CONNECTIONS } from "../../import/feed_match.ts";
import { bytes } from "../../import/log_target.ts";
import type { RuleForm } from "../../import/print_rules.ts";
import { sources as sourceTypes } from "../../source/sources.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { requireOwn } from "../found_config.ts";
import { configOf, fileOf, printFlags, withOutput } from "../options.ts";
import { quoted } from "../../text/shell_quoted.ts";

/** Hooks that log packets of others: the machine's own are logged where asked for. */
const HOOKS: readonly FeedHook[] = ["input", "forward"];
/** The longest prefix, in bytes, less a NUL: nf_log.h; and as a target of iptables (xt_NFLOG.h). */
const PREFIX_MAX = 127;
const TARGET_PREFIX_MAX = 63;
/** Options that are repeated in the commands that load the rules. */
const TOLD = ["config", "group", "copy-range", "match", "hook", "prefix"] as const;

/** Prints the flags that it takes: the right to read the configuration. */
export function feedFlags(options: ParsedOptions): void {
  const file = fileOf(options);
  if (file === undefined) return;
  // With the flags alone it is not known who runs it.
  requireOwn(file, options);
  printFlags([{ name: "read", value: file, why: "the configuration" }], options);
}

/**
 * Prints the rules.
 *
 * @param options Those of the command line.
 * @param form Only this form; both where it is absent.
 * @throws {ConfigError} If the configuration cannot be used, or has no source that a rule feeds.
 * @throws {UsageError} If options do not fit together.
 */
export async function printFeed(
  options: ParsedOptions,
  form: RuleForm | undefined,
): Promise<string> {
  const wanted = feedOptions(options);
  requireForm(wanted, form);
  const config = await feedConfig(options);
  const feeds = feedsOf(config);
  if (feeds.length === 0) {
    throw new ConfigError(fileOf(options) ?? "nfscribe rules", [{
      key: "source",
      message: "no source is fed by a rule: capture files and relays need none",
    }]);
  }
  const forms: readonly RuleForm[] = form === undefined ? ["nft", "iptables"] : [form];
  const parts = forms.map((form) => part(form, feeds, wanted, options));
  return [head(feeds, wanted, forms.length), ...parts].join("\n\n");
}

/** Returns the configuration, or one of what options say in its place. */
async function feedConfig(options: ParsedOptions): Promise<Config> {
  const { group, config } = options;
  if (group === undefined && config === undefined && !isThere(usualFile())) {
    throw new UsageError(
      `Say which rules: -c FILE or --group N, --from RULE or --shards N; there is no ${DEFAULT_FILE} here ` +
        `and no ${SYSTEM_FILE}, or it may not be read`,
    );
  }
  // Rules need no output.
  return await configOf(withOutput(options), "rules");
}

function isThere(file: string): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch {
    return false;
  }
}

function feedOptions(options: ParsedOptions): FeedOptions {
  const { match, hook, prefix, remove } = options;
  if (prefix !== undefined) requirePrefix(prefix);
  const hooks = hook === undefined ? HOOKS : hook.split("\n") as FeedHook[];
  return {
    hooks: [...new Set(hooks)],
    match: matchOf(match),
    remove: remove !== undefined,
    ...prefix !== undefined && { prefix },
  };
}

function matchOf(text: string | undefined) {
  if (text === undefined) return NEW_CONNECTIONS;
  try {
    return feedMatch(text);
  } catch (error) {
    throw new UsageError(`--match ${(error as Error).message}, not "${text}"`);
  }
}

/**
 * Refuses what cannot stand in nft's quotes, which know no escapes and where `$` names a
 * variable.
 */
function requirePrefix(prefix: string): void {
  if (!/^[^"$\\\p{Cc}]+$/u.test(prefix) || bytes(prefix) > PREFIX_MAX) {
    throw new UsageError(
      `--prefix must be a line of up to ${PREFIX_MAX} bytes without ", $ and \\, not "${prefix}"`,
    );
  }
}

/** Refuses a match that is not known in the form that is asked for. */
function requireForm({ match }: FeedOptions, form: RuleForm | undefined): void {
  if (form !== undefined && match[form] === undefined) {
    const other = form === "nft"
      ? "nft's words, as in tcp dport 22"
      : "iptables' own words, as in -p tcp --dport 22";
    throw new UsageError(
      `--match has no counterpart that is known for ${form}; say it in ${other}`,
    );
  }
}

/** Returns the sources that rules feed. */
function feedsOf({ sources }: Config): Feed[] {
  return sources.flatMap(({ type, options }) => sourceTypes[type]!.feed?.(options) ?? []);
}

/** Describes the rules, and the parts of them that users may change. */
function head(
  feeds: readonly Feed[],
  { hooks, match, remove }: FeedOptions,
  forms: number,
): string {
  const groups = feeds.map(({ group }) => group).join(", ");
  const what = match.nft ?? match.iptables;
  return [
    `${remove ? "Takes away the rules that feed" : "Feeds"} ${
      feeds.length === 1 ? "group" : "groups"
    } ${groups}: ${what === "" ? "every packet" : what}, in ${hooks.join(" and ")}.`,
    ...remove ? [] : [
      'Change what is logged with --match "tcp dport 22" and --hook NAME.',
      "What is logged goes on to the other rules.",
    ],
    ...forms > 1 ? ["Two forms follow: use one of them, or everything is logged twice."] : [],
  ].map(comment).join("\n");
}

/** Returns the rules in one form, with the commands that load and remove them. */
function part(
  form: RuleForm,
  feeds: readonly Feed[],
  wanted: FeedOptions,
  options: ParsedOptions,
): string {
  const reader = form === "nft" && !isNftScript(feeds) ? "nft -f -" : "sh";
  const command = ["nfscribe", "rules", ...toldAgain(options), "--to", form].join(" ");
  const removal = `  ${command} --remove | ${reader}`;
  const comments = wanted.remove
    ? [`${form}:`, removal]
    : [`${form}:`, `  ${command} | ${reader}`, "and to take them away again:", removal];
  return [...comments.map(comment), ...notes(form, feeds, wanted), rules(form, feeds, wanted)]
    .filter((line) => line !== "").join("\n");
}

function rules(form: RuleForm, feeds: readonly Feed[], wanted: FeedOptions): string {
  if (wanted.match[form] === undefined) {
    return comment(`What --match says has no counterpart that is known for ${form}.`);
  }
  return form === "nft" ? nftFeed(feeds, wanted) : iptablesFeed(feeds, wanted);
}

/** Names the parts of a match that the form cannot express. */
function notes(form: RuleForm, feeds: readonly Feed[], wanted: FeedOptions): string[] {
  const isLong = bytes(wanted.prefix ?? "") > TARGET_PREFIX_MAX;
  const ofPrefix = form === "nft" || !isLong ? [] : [comment(
    `iptables-legacy, and iptables before 1.8.8, cut the prefix after ${TARGET_PREFIX_MAX} bytes.`,
  )];
  return [...ofPrefix, ...notesOfUlog(form, feeds, wanted)];
}

function notesOfUlog(form: RuleForm, feeds: readonly Feed[], { match }: FeedOptions): string[] {
  const ulog = feeds.filter(({ target }) => target === "ULOG").map(({ group }) => group).join(", ");
  if (ulog === "") return [];
  if (form === "nft") return [comment(`nft has no ULOG: group ${ulog} is for iptables only.`)];
  const lost = match.programs.includes("iptables") ? "" : " ULOG never knew IPv6.";
  return [comment(`ULOG, of group ${ulog}, is in Linux before 3.17 only.${lost}`)];
}

function toldAgain(options: ParsedOptions): string[] {
  return TOLD.flatMap((name) => {
    const values = options[name]?.split("\n") ?? [];
    return values.flatMap((value) =>
      name === "config" ? ["-c", quoted(value)] : [`--${name}`, quoted(value)]
    );
  });
}
