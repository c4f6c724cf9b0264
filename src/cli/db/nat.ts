/** `nfscribe db query --nat`: who had a translated address and port at a time. */

import type { Database } from "../../output/define.ts";
import type { NatQuestion, Translation } from "../../output/table/nat_question.ts";
import { addressBytes, parseAddress } from "../../filter/parse_address.ts";
import { ipv4Text, ipv6Text } from "../../packet/address.ts";
import { protocolName } from "../../packet/protocols.ts";
import { endpoint } from "../../text/endpoint.ts";
import { escaped, jsonLine } from "../../text/escape.ts";
import { counted } from "../../text/figures.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { expressionOf } from "../expression.ts";
import { hostWord, isThere, limitOf, printing, timeoutOf } from "./query.ts";
import { spanOf } from "./times.ts";

/** Question, and whether its time is now because none was named. */
export interface AskedTranslation extends NatQuestion {
  isNow: boolean;
}

/**
 * Reads what options and operands ask for.
 *
 * @param nat Value of `--nat`.
 * @param nowMs The current time, in milliseconds since the Unix epoch; without `--at` it is asked for.
 * @throws {UsageError} If a value is wrong.
 */
export function natQuestionOf(
  nat: string,
  given: ParsedOptions,
  nowMs: number,
): AskedTranslation {
  for (const name of ["since", "until"]) {
    if (given[name] === undefined) continue;
    throw new UsageError(`--${name} does not go with --nat: name the time by --at`);
  }
  const { at } = given;
  return {
    ...endpointOf(nat),
    ...at === undefined ? { fromMs: nowMs, toMs: nowMs } : spanOf("at", at, nowMs),
    isNow: at === undefined,
    where: expressionOf(given),
    limit: limitOf(given),
    timeoutMs: timeoutOf(given),
  };
}

/** Parses an address with or without a port; IPv6 stands in brackets before a port. */
function endpointOf(text: string): Pick<NatQuestion, "address" | "port"> {
  const [, inBrackets, ipv4, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const words = parseAddress(inBrackets ?? ipv4 ?? text);
  const port = digits === undefined ? undefined : Number(digits);
  if (words !== undefined && (port ?? 0) <= 0xffff) return { address: addressBytes(words), port };
  throw new UsageError(
    "--nat must be an address with or without a port, as in 198.51.100.7:40001 or " +
      `[2001:db8::7]:40001, not "${text}"`,
  );
}

/** Shows who had the address and port, the newest first; says on standard error where there is none. */
export async function queryNat(
  database: Database,
  question: AskedTranslation,
  isJson: boolean,
): Promise<void> {
  const { found, unknown, isComplete, hasOpen } = await database.translations(question);
  const { address, port } = question;
  const asked = address.length === 4 ? ipv4Text(address, 0) : ipv6Text(address, 0);
  await printing(async (print) => {
    for (const one of found) await print(isJson ? jsonLine(one.flow) : lineOf(one, asked, port));
  });
  if (found.length === 0) {
    const hint = await hintFor(database, { ...question, hasOpen }, asked);
    console.error(
      `No translation to ${endpoint(asked, port)} is recorded ${timeText(question)}${hint}`,
    );
  }
  if (!isComplete) {
    console.error(
      `There are more flows than these ${question.limit}: ask for a port, for less time, ` +
        "or with a larger --limit",
    );
  }
  if (unknown > 0) {
    console.error(
      `${
        counted(unknown, "flow")
      } that ended then or later may have been: the records do not tell ` +
        "when they began; log new events too, or set net.netfilter.nf_conntrack_timestamp=1",
    );
  }
}

/** Returns the time that was asked about, as in `at 2026-01-31T10:00:05.000Z`. */
function timeText({ fromMs, toMs }: NatQuestion): string {
  const [from, to] = [fromMs, toMs].map((timeMs) => new Date(timeMs).toISOString());
  return from === to ? `at ${from}` : `from ${from} to ${to}`;
}

/** Time that a look for a hint may take, and around the time that was asked about. */
const HINT_TIMEOUT_MS = 5000;
const HINT_AROUND_MS = 86_400_000;

/** Returns a hint for the usual mistakes, to stand behind the answer that nothing was found. */
async function hintFor(
  database: Database,
  { port, fromMs, toMs, timeoutMs, isNow, hasOpen }: AskedTranslation & { hasOpen: boolean },
  asked: string,
): Promise<string> {
  const isRecorded = (where: string) =>
    isThere(database, {
      kind: "flow",
      where,
      sinceMs: Math.max(0, fromMs - HINT_AROUND_MS),
      untilMs: toMs + HINT_AROUND_MS,
      limit: 1,
      timeoutMs: Math.min(timeoutMs, HINT_TIMEOUT_MS),
    });
  const inside = `(snat and original src host ${asked}) or (dnat and reply src host ${asked})`;
  if (await isRecorded(inside)) {
    return `; ${asked} is the address before translation: ask for the one that stood for it`;
  }
  if (port !== undefined) {
    const ports = `snat and reply dst host ${asked} and original dst port ${port}`;
    if (await isRecorded(ports)) {
      return `; ${port} is the port of the other end: ask for that of ${asked}, or leave it out`;
    }
  }
  if (!isNow) return "";
  const openHint = '; flows that have not ended are recorded only with events = ["new", "destroy"]';
  return `; that is now: name another time by --at${hasOpen ? "" : openHint}`;
}

/** Returns an answer as a line: who, through which end, with whom, and when. */
function lineOf(
  { flow, start, end }: Translation,
  asked: string,
  port: number | undefined,
): string {
  const { original, reply, nat, protocol, host } = flow;
  const name = typeof protocol === "string" ? protocol : protocolName(protocol) ?? protocol;
  const isTranslated = nat?.source !== undefined || nat?.sourcePort !== undefined;
  // Of both ends, where a host reaches another one inside by the outer address.
  const isSource = isTranslated && reply!.destination === asked &&
    (port === undefined || reply!.destinationPort === port);
  const inner = isSource
    ? endpoint(original.source, original.sourcePort)
    : endpoint(reply!.source, reply!.sourcePort);
  const other = isSource
    ? `to ${endpoint(original.destination, original.destinationPort)}`
    : `from ${endpoint(original.source, original.sourcePort)}`;
  const until = end === undefined ? ", no end recorded" : ` until ${end}`;
  return escaped(`${inner} ${name} ${other} since ${start}${until}`) + hostWord(host);
}
