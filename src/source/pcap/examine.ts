/** Examination of capture files. */

import { accessTo } from "../../access_reader.ts";
import { type Finding, fix, ok } from "../../finding.ts";
import type { SourceExaminer } from "../define.ts";
import { type PcapSourceOptions, STANDARD_INPUT } from "./options.ts";

/** Examines whether capture files can be read. */
export const pcapExaminer: SourceExaminer<PcapSourceOptions> = {
  *source({ path }, { name }) {
    yield captureFinding(`source ${name}`, [path].flat());
  },
};

function captureFinding(check: string, paths: readonly string[]): Finding {
  for (const path of paths.filter((path) => path !== STANDARD_INPUT)) {
    const access = accessTo(path, ["read"]);
    if (access === "absent") return fix(check, `${path} is not there`, "name a file that is");
    if (access !== "yes") return fix(check, `${path} may not be read`, "let this user read it");
  }
  return ok(check, "can be read");
}
