/** Examination of ULOG sources. */

import { fix, ok } from "../../finding.ts";
import type { SourceExaminer } from "../define.ts";
import { NETLINK_NFLOG } from "./constants.ts";
import { hasNetlinkFamily } from "./family_reader.ts";
import type { UlogOptions } from "./options.ts";

/** Examines the netlink family of a source. */
export const ulogExaminer: SourceExaminer<UlogOptions> = {
  *source({ netlinkFamily, netns }, { name, rules }) {
    if (!hasNetlinkFamily(netlinkFamily, netns)) {
      yield fix(
        `group ${name}`,
        "this kernel has no ULOG: Linux 3.17 and later have not",
        'log with NFLOG, and read it with type = "nflog"; this translates a rule',
        [`nfscribe rules --from "iptables …"`],
      );
      return;
    }
    yield ok(`group ${name}`, "may be joined; others may read it, too");
    if (netlinkFamily === NETLINK_NFLOG) yield rules();
  },
};
