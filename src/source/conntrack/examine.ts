/** Examination of conntrack sources. */

import { type Finding, fix, note, ok } from "../../finding.ts";
import type { SourceExaminer } from "../define.ts";
import { TRACKING_ADVICE, TRACKING_COMMANDS } from "../../import/tracking.ts";
import type { ConntrackOptions } from "./options.ts";
import { type ConntrackAnswer, conntrackIn } from "./probe_reader.ts";
import { commandOf, EVENTS_SETTING } from "./settings.ts";

/** Examines whether flows can be read, and whether they have counters and times. */
export const conntrackExaminer: SourceExaminer<ConntrackOptions> = {
  *source(options, { name }) {
    const answer = conntrackIn(options);
    if (answer.problem !== undefined) {
      const [what, ...advice] = answer.problem.split("; ");
      yield fix(`flows ${name}`, what!, advice.join("; ") || "see docs/troubleshooting.md");
      return;
    }
    yield flowsFinding(name, answer);
    yield* settingFindings(name, answer);
  },
};

/** Tells how many flows there are: without a rule that uses connection tracking, there are none. */
function flowsFinding(name: string, { flows }: ConntrackAnswer): Finding {
  if (flows !== 0) {
    return ok(`flows ${name}`, `can be read${flows === undefined ? "" : `; there are ${flows}`}`);
  }
  return note(
    `flows ${name}`,
    "can be read, but there are none now",
    TRACKING_ADVICE,
    TRACKING_COMMANDS,
  );
}

function* settingFindings(
  name: string,
  { off, isAutomatic }: ConntrackAnswer,
): Generator<Finding> {
  for (const setting of off) {
    yield fix(
      `flows ${name}`,
      `${setting.name} is 0: ${setting.otherwise}`,
      "set it; it holds for flows that begin after that",
      [commandOf(setting)],
    );
  }
  if (isAutomatic) {
    yield note(
      `flows ${name}`,
      `${EVENTS_SETTING.name} is 2: flows that began before nfscribe have no events`,
      "set it to 1 where that matters, as after a restart",
      [commandOf(EVENTS_SETTING)],
    );
  }
}
