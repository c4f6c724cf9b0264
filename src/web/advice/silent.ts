/** Sources that have received nothing, and the rules that would feed them. */

import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import { type Finding, fix, note } from "../../finding.ts";
import {
  type Feed,
  type FeedOptions,
  iptablesFeed,
  isNftScript,
  nftFeed,
} from "../../import/feed.ts";
import { NEW_CONNECTIONS } from "../../import/feed_match.ts";

/** A source that rules feed. */
export interface FedSource {
  /** Its name, as in `nflog:1`. */
  name: string;
  feed: Feed;
}

/** Returns the sources among those that rules feed that have received nothing. */
export function silentSources(
  stats: Stats | null | undefined,
  feeds: readonly FedSource[],
): FedSource[] {
  return feeds.filter(({ name }) => (stats?.sources[name]?.received ?? 0) === 0);
}

/** Tells of a source that has received nothing. */
export function silentFinding(
  { name, feed }: FedSource,
  stats: Stats | null | undefined,
  named: string,
): Finding {
  const check = `rules ${name}`;
  const missing = `no rule logs to group ${feed.group}, or none has matched a packet`;
  const commands = [`nfscribe rules${named === "" ? ` --group ${feed.group}` : named}`];
  return stats
    ? fix(
      check,
      `nothing was received: ${missing}`,
      "add one; this prints it, and how to load it",
      commands,
    )
    : note(check, `group ${feed.group} needs a rule that logs to it`, "this prints one", commands);
}

/** Returns rules for sources in both forms, for a shell. */
export function rulesFor(silent: readonly FedSource[]): string[] {
  const feeds = silent.map(({ feed }) => feed);
  const options = {
    hooks: ["input", "forward"] as const,
    match: NEW_CONNECTIONS,
    remove: false,
  };
  const groups = feeds.map(({ group }) => group).join(", ");
  const rules = [
    ["nft", nftCommand(feeds, options)],
    ["iptables", iptablesFeed(feeds, options)],
  ] as const;
  return rules.filter(([, text]) => text !== "")
    .map(([form, text]) => `# ${form}: new connections to group ${groups}\n${text}`);
}

function nftCommand(feeds: readonly Feed[], options: FeedOptions): string {
  const text = nftFeed(feeds, options);
  return text === "" || isNftScript(feeds) ? text : `nft -f - <<'END'\n${text}\nEND`;
}
