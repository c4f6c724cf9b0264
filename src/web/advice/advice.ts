/** Reasons why a page has nothing to show, as far as its server can know them. Pure. */

import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import { type Finding, fix, note } from "../../finding.ts";
import { TRACKING_ADVICE, TRACKING_COMMANDS } from "../../import/tracking.ts";
import type { StoreSummary } from "../../output/table/reading.ts";
import { counted } from "../../text/figures.ts";
import { type FedSource, rulesFor, silentFinding, silentSources } from "./silent.ts";

export type { FedSource };

/** Everything that the server of the page has seen. */
export interface Circumstances {
  /** The store; a message where it cannot be read, undefined where none is named. */
  store: StoreSummary | { problem: string } | undefined;
  /** Whether the bytes of packets are stored; undefined where that is not known. */
  hasPayload: boolean | undefined;
  /** Counters of nfscribe; null where none answers, undefined where no socket is known. */
  stats: Stats | null | undefined;
  /** Path of the counters' socket. */
  socket: string | undefined;
  /** Returns the sources that rules feed: those of the configuration, else of those that run. */
  feeds(running: readonly string[]): FedSource[];
  /** Options that name the configuration in commands, as in ` -c nfscribe.toml`. */
  named: string;
  /** Options that name the database in commands, as in ` --sqlite fw.db`; those of `named` otherwise. */
  storeNamed: string;
  /** Command that fills a database and shows it. */
  example: string;
  /** Table of a configuration that takes flows. */
  flowSource: string;
  /** Returns the sources that take flows: those of the configuration, else of those that run. */
  flowSources(running: readonly string[]): readonly string[];
}

/** Advice for a page that has nothing to show. */
export interface Advice {
  nothing: Finding[];
  /** Rules for the sources that have received nothing: for nft, then for iptables. */
  rules: string[];
}

/** Returns reasons why nothing arrives, those to be mended first, and rules that may be missing. */
export function advice(circumstances: Circumstances): Advice {
  const { stats, named } = circumstances;
  const silent = silentSources(stats, circumstances.feeds(Object.keys(stats?.sources ?? {})));
  const findings = [
    ...storeFindings(circumstances),
    ...runningFindings(circumstances),
    ...silent.map((source) => silentFinding(source, stats, named)),
    ...stats ? flowOfPackets(stats, named) : [],
    ...payloadFindings(circumstances),
    note(
      "doctor",
      "looks at the firewall's rules, the groups and the rights, which this page may not",
      "run it",
      [`nfscribe doctor${named}`],
    ),
  ];
  return {
    nothing: findings.toSorted((one, other) => urgency(one) - urgency(other)),
    rules: rulesFor(silent),
  };
}

function urgency({ state }: Finding): number {
  return state === "fix" ? 0 : 1;
}

function storeFindings(
  { store, stats, named, storeNamed, example, flowSource, flowSources }: Circumstances,
): Finding[] {
  if (store === undefined) {
    return [
      fix("store", "none is named: there is nothing to look back at", "write one, and start both", [
        example,
      ]),
    ];
  }
  if ("problem" in store) {
    // Without a configuration a run makes the database, and has something to put into it.
    const [advice, command] = named === ""
      ? ["fill it, or name another one", example]
      : ["make its tables, or name another one", `nfscribe db init${storeNamed}`];
    return [fix("store", store.problem, advice!, [command!])];
  }
  const table = (kind: string) => store.kinds.find((one) => one.kind === kind);
  const flows = table("flow");
  return [
    ...table("packet") ? [] : [
      fix("table of packets", `${store.where} has none`, "make it", [
        `nfscribe db init${storeNamed}`,
      ]),
    ],
    ...flows?.newestMs === undefined
      ? [
        flowFinding(store.where, stats, flowSources(Object.keys(stats?.sources ?? {})), flowSource),
      ]
      : [],
  ];
}

/** Tells why there are no flows. */
function flowFinding(
  where: string,
  stats: Circumstances["stats"],
  sources: readonly string[],
  flowSource: string,
): Finding {
  const check = "flows";
  const none = `${where} has none`;
  if (sources.length === 0) {
    const advice = "connection tracking tells of them: add this to the configuration";
    return note(check, none, advice, [flowSource]);
  }
  const received = sources.some((name) => (stats?.sources[name]?.received ?? 0) > 0);
  return received || !stats
    ? note(
      check,
      none,
      'records come with the events that are asked for, first of all "destroy", a flow\'s end',
    )
    : note(
      check,
      `${sources.join(", ")} has received no event`,
      `the kernel tells of a flow's end once it forgets the flow, some time later; ${TRACKING_ADVICE}`,
      [
        TRACKING_COMMANDS.join("\n"),
      ],
    );
}

function runningFindings({ stats, socket, named }: Circumstances): Finding[] {
  const check = "running nfscribe";
  if (stats === undefined) {
    return [
      note(
        check,
        "cannot be asked: no [stats] with a socket is known",
        "name the configuration with -c, or add [stats] with a socket to it",
      ),
    ];
  }
  if (stats === null) {
    return [fix(check, `none answers at ${socket}`, "start it", [
      "systemctl start nfscribe",
      `nfscribe run${named}`,
    ])];
  }
  const { refusal } = stats;
  return refusal === undefined
    ? []
    : [fix("last reload", `was refused: ${refusal}`, "see all of it", [`nfscribe check${named}`])];
}

/** Tells where packets have gone that were received. */
function flowOfPackets({ sources, filter, outputs }: Stats, named: string): Finding[] {
  const received = Object.values(sources).reduce((sum, source) => sum + source.received, 0);
  if (received === 0) return [];
  if (filter.passed === 0 && filter.dropped > 0) {
    return [fix(
      "filter",
      `it has sent none of ${counted(received, "record")} to an output`,
      "see what it does with one of them",
      [`nfscribe check${named}`],
    )];
  }
  return Object.entries(outputs).flatMap(([name, { written, spooled, failed, dropped }]) => {
    if (written > 0) return [];
    const check = `output ${name}`;
    if (spooled > 0) {
      return [
        fix(
          check,
          `${counted(spooled, "record")} wait in its spool, and none is written`,
          "nfscribe's log tells why it cannot write",
          ["journalctl -u nfscribe -n 50"],
        ),
      ];
    }
    return failed + dropped > 0
      ? [
        fix(
          check,
          `failed ${failed}, dropped ${dropped}, written none`,
          "nfscribe's log tells why",
          [
            "journalctl -u nfscribe -n 50",
          ],
        ),
      ]
      : [];
  });
}

function payloadFindings({ store, hasPayload }: Circumstances): Finding[] {
  if (hasPayload !== false || store === undefined || "problem" in store) return [];
  return [note(
    "payload",
    "the bytes of packets are not stored: headers cannot be shown beside them, nor downloaded as pcap",
    "write payload = true in the output's table; rows from then on have them",
  )];
}
