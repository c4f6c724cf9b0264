/** `nfscribe db query --nat`: who had a translated address and port at a time. */

import type { Database } from "../../output/define.ts";
import type { NatQuestion, Translation } from "../../output/table/nat_question.ts";
import { addressBytes, parseAddress } from "../../filter/parse_address.ts";
import { ipv4Text, ipv6Text } from "../../packet/address.ts";
import { protocolName } from "../../packet/protocols.ts";
import { escaped, jsonLine } from "../../text/escape.ts";
import { counted } from "../../text/figures.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { expressionOf } from "../expression.ts";
import { hostWord, limitOf, printing, timeoutOf } from "./query.ts";
import { spanOf } from "./times.ts";

/**
 * Reads what options and operands ask for.
 *
 * @param nat Value of `--nat`.
 * @param nowMs The current time, in milliseconds since the Unix epoch; without `--at` it is asked for.
 * @throws {UsageError} If a value is wrong.
 */
export function natQuestionOf(nat: string, given: ParsedOptions, nowMs: number): NatQuestion {
  for (const name of ["since", "until"]) {
    if (given[name] === undefined) continue;
    throw new UsageError(`--${name} does not go with --nat: name the time by --at`);
  }
  const { at } = given;
  return {
    ...endpointOf(nat),
    ...at === undefined ? { fromMs: nowMs, toMs: nowMs } : spanOf("at", at, nowMs),
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
  question: NatQuestion,
  isJson: boolean,
): Promise<void> {
  const { found, unknown } = await database.translations(question);
  const { address, port } = question;
  const asked = address.length === 4 ? ipv4Text(address, 0) : ipv6Text(address, 0);
  await printing(async (print) => {
    for (const one of found) await print(isJson ? jsonLine(one.flow) : lineOf(one, asked, port));
  });
  if (found.length === 0) console.error("No flow is recorded that was translated so at that time.");
  if (unknown > 0) {
    console.error(
      `${
        counted(unknown, "flow")
      } that ended then or later may have been: the records do not tell ` +
        "when they began; log new events too, or set net.netfilter.nf_conntrack_timestamp=1",
    );
  }
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
  const until = end === undefined ? "and no end is recorded" : `until ${end}`;
  return escaped(`${inner} ${name} ${other} since ${start} ${until}`) + hostWord(host);
}

function endpoint(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
