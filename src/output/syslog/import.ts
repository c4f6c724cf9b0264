/** ulogd's SYSLOG plugin as a syslog output. */

import type { Settings } from "../../import/ulogd/settings.ts";
import type { Output } from "../../import/ulogd/table.ts";
import { SEVERITIES } from "../lines/severity.ts";
import { FACILITIES } from "./options.ts";

/** Converts the plugin's settings; its facility and level are names such as `LOG_LOCAL2`. */
export function importSyslog(settings: Settings): Output {
  const entries: Output["entries"] = [["type", "syslog"]];
  const notes: string[] = [];
  const take = (key: string, byDefault: string, known: readonly string[]) => {
    const setting = settings.take(key);
    const name = (setting?.value || byDefault).replace(/^LOG_/i, "").toLowerCase();
    if (known.includes(name)) return name;
    notes.push(`line ${setting!.line}: ${key}=${setting!.value}: there is no such name`);
    return byDefault.replace("LOG_", "").toLowerCase();
  };
  // syslog(3) takes LOG_KERN, ulogd's default, as LOG_USER.
  const facility = take("facility", "LOG_KERN", FACILITIES);
  entries.push(["facility", facility === "kern" ? "user" : facility]);
  entries.push(["severity", take("level", "LOG_NOTICE", SEVERITIES)]);
  entries.push(["app_name", "ulogd"]);
  return { entries, notes: [...notes, ...settings.notes()] };
}
