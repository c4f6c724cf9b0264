/**
 * Configuration of the soak, which changes with each reload.
 *
 * @module
 */

import { FILE_OUTPUTS } from "./outputs.ts";

/** The group that rules log to. */
export const GROUP = 1;

/** Places of a configuration. */
export interface Places {
  /** Folder of the configuration. */
  folder: string;
  /** Folder of the outputs' files. */
  files: string;
  /** URL of the database. */
  database: string;
  /** Port of the receiver of syslog messages. */
  syslogPort: number;
}

/** Size at which files are rotated, in bytes: what is counted is removed. */
const ROTATE_SIZE = 256 * 1024 * 1024;

/**
 * Writes filter and configuration.
 *
 * @param change Number of the change, each of which differs from the one before: in the script, in
 *   an option of the source, or in one of an output, which is closed and opened again.
 * @param rotateSeconds Time between two rotations.
 */
export async function writeConfiguration(
  { folder, files, database, syslogPort }: Places,
  change: number,
  rotateSeconds: number,
): Promise<void> {
  const step = Math.floor(change / 3);
  const copyRange = 100 - (step + (change % 3 > 0 ? 1 : 0)) % 2 * 4;
  const flush = 100 + (step + (change % 3 > 1 ? 1 : 0)) % 2 * 100;
  const rotation = `rotate_size = ${ROTATE_SIZE}\nrotate_seconds = ${rotateSeconds}`;
  const outputs = Object.entries(FILE_OUTPUTS).map(([name, { table }]) =>
    `[output.${name}]\npath = "${files}/${name}"\n${table}\n${rotation}\n`
  );
  await Deno.writeTextFile(
    `${folder}/filter.ts`,
    `export default () => true;\n// change ${step}\n`,
  );
  await Deno.writeTextFile(
    `${folder}/nfscribe.toml`,
    `[[source]]
type = "nflog"
group = ${GROUP}
copy_range = ${copyRange}
buffer_size = 67108864
[filter]
script = "filter.ts"
${outputs.join("")}[output.syslog]
url = "tcp://127.0.0.1:${syslogPort}"
framing = "newline"
hostname = "gate"
[output.postgres]
url = "${database}"
create = true
hostname = "gate"
spool = "spool"
retention_days = 30
flush_ms = ${flush}
[stats]
socket = "run.sock"
[log]
format = "json"
`,
  );
}
