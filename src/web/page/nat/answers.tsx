/** Answers to a question for the holder of a translated address. */

import type { JSX } from "preact";
import type { NatAnswer, Translation } from "../../../output/table/nat_question.ts";
import { endpoint } from "../../../text/endpoint.ts";
import type { Finding } from "../api/types.ts";
import { flowPacketsExpression } from "../../copy/expression.ts";
import { Findings } from "../nothing/findings.tsx";
import { queryOf } from "../state/address.ts";
import { show, view } from "../state/view.ts";
import { moment, plural, type Zone } from "../text/format.ts";
import { fixedRange } from "../time/range.ts";
import { type Asked, MOST_FOUND } from "./question.ts";
import { presentMs } from "../time/clock.ts";

/** Shows answers. */
export function NatAnswers(
  { answer, asked, zone }: { answer: NatAnswer; asked: Asked; zone: Zone },
): JSX.Element {
  const { found } = answer;
  const { address, port, at, until } = asked;
  const findings = untold(answer);
  const time = until - at < 1000
    ? `at ${moment(at, zone)}`
    : `from ${moment(at, zone)} to ${moment(until, zone)}`;
  const subject = `${endpoint(address, port)} ${time}`;
  if (found.length === 0) {
    return (
      <>
        <p class="nat-none">
          No flow is recorded that was translated to{" "}
          {subject}. Another time{port === undefined ? "" : ", or no port,"} may have one.
        </p>
        <Findings findings={findings} />
      </>
    );
  }
  return (
    <>
      <p class="nat-count">
        {found.length < MOST_FOUND
          ? `${plural(found.length, "flow")} for ${subject}`
          : `The newest ${
            plural(found.length, "flow")
          } for ${subject}: there may be more. Ask for a ${
            port === undefined ? "port" : "shorter time"
          }.`}
      </p>
      <div class="nat-scroll" tabIndex={0} role="region" aria-label="Answers">
        <table class="nat-table">
          <thead>
            <tr>
              {["Inside", "Outside", "Other end", "Protocol", "From", "Until", "Host", ""]
                .map((name) => <th scope="col" key={name}>{name === "" ? <Hidden /> : name}</th>)}
            </tr>
          </thead>
          <tbody>
            {found.map((each, index) => <Answer key={index} {...each} zone={zone} />)}
          </tbody>
        </table>
      </div>
      <Findings findings={findings} />
    </>
  );
}

/** Returns reasons why others than those that were found may have had the address. */
function untold({ unknown, hasOpen }: NatAnswer): Finding[] {
  const findings: Finding[] = [];
  if (unknown > 0) {
    findings.push({
      check: "beginnings",
      state: "note",
      message: `${plural(unknown, "flow")} ended then or later, and no record tells when ${
        unknown === 1 ? "it" : "they"
      } began`,
      fix: "have the kernel keep the times of flows; those that begin from then on have them",
      commands: ["sysctl -w net.netfilter.nf_conntrack_timestamp=1"],
    });
  }
  if (!hasOpen) {
    findings.push({
      check: "open flows",
      state: "note",
      message: "flows that have not ended are not here where only ends are recorded, as by default",
      fix: "have beginnings recorded, too, in the table of the source that takes flows",
      commands: ['events = ["new", "destroy"]'],
    });
  }
  return findings;
}

function Hidden(): JSX.Element {
  return <span class="nat-hidden">Packets</span>;
}

function Answer({ flow, start, end, zone }: Translation & { zone: Zone }): JSX.Element {
  const { original, reply, nat = {}, protocol, host } = flow;
  const isSender = nat.source !== undefined || nat.sourcePort !== undefined;
  const inside = isSender ? endpoint(original.source, original.sourcePort) : endpoint(
    nat.destination ?? original.destination,
    nat.destinationPort ?? original.destinationPort,
  );
  const outside = isSender
    ? endpoint(nat.source ?? original.source, nat.sourcePort ?? original.sourcePort)
    : endpoint(original.destination, original.destinationPort);
  const [insideId, outsideId] = isSender
    ? [original.icmpId, reply?.icmpId]
    : [reply?.icmpId, original.icmpId];
  const other = isSender
    ? endpoint(original.destination, original.destinationPort)
    : endpoint(original.source, original.sourcePort);
  const [fromMs, toMs] = [
    Date.parse(start),
    end === undefined ? presentMs() : Date.parse(end) + 1000,
  ];
  const range = Number.isFinite(toMs - fromMs) ? fixedRange({ fromMs, toMs }) : {};
  const change = {
    tab: "packets" as const,
    where: flowPacketsExpression(flow),
    id: undefined,
    about: undefined,
    ...range,
  };
  return (
    <tr>
      <td>
        <strong>{inside}</strong>
        {idText(insideId)}
      </td>
      <td>{outside}{idText(outsideId)}</td>
      <td>{other}</td>
      <td>{protocol}</td>
      <td>
        <When time={start} zone={zone} />
      </td>
      <td>
        {end === undefined ? "still open" : <When time={end} zone={zone} />}
      </td>
      <td>{host}</td>
      <td>
        <a
          href={queryOf({ ...view.get(), ...change })}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            show(change);
          }}
        >
          packets
        </a>
      </td>
    </tr>
  );
}

/** Writes an identifier of ICMP, which stands for a port. */
function idText(id: number | undefined): string {
  return id === undefined ? "" : ` id ${id}`;
}

/** Shows a time; one that no date can hold as it is. */
function When({ time, zone }: { time: string; zone: Zone }): JSX.Element {
  const ms = Date.parse(time);
  return <time dateTime={time}>{Number.isNaN(ms) ? time : moment(ms, zone)}</time>;
}
