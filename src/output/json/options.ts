/** Options of a JSON output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import {
  described,
  type Entries,
  list,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  suggestion,
  text,
  useless,
  yesOrNo,
} from "../../schema.ts";
import { fileEntries, type FileOptions, fileProblems } from "../file/options.ts";
import {
  type CompleteRemoteOptions,
  connectionEntries,
  httpEntries,
  remoteProblems,
} from "../remote/options.ts";
import { type Protocol, type Receiver, receiverOf } from "../remote/url.ts";
import { ulogd2Entries } from "./ulogd2_options.ts";
import type { WithHostname } from "../host_name.ts";
import {
  COUNTER_FIELDS,
  ECS_FIELDS,
  FLOW_FIELDS,
  HEADER_FIELDS,
  OCSF_FIELDS,
  TOP_FIELDS,
} from "./fields.ts";

/** Format of the lines. */
export type JsonFormat = "nfscribe" | "ulogd2" | "ecs" | "ocsf";

/** Fields that lines of each format may have at the top. */
export const FIELDS: Readonly<Record<JsonFormat, readonly string[]>> = {
  nfscribe: [...new Set([...TOP_FIELDS, ...HEADER_FIELDS, ...FLOW_FIELDS, ...COUNTER_FIELDS])],
  // ulogd's keys are chosen by its plugins.
  ulogd2: [],
  ecs: ECS_FIELDS,
  ocsf: OCSF_FIELDS,
};

/** Options of the lines. */
const lineEntries = {
  format: described(
    "Format of the lines: nfscribe's own, that of ulogd 2.0.8, the Elastic Common Schema, or OCSF's " +
      "Network Activity.",
    optional(oneOf(["nfscribe", "ulogd2", "ecs", "ocsf"]), "nfscribe"),
  ),
  fields: described(
    "Fields at the top of each line that are written; all that are known if left out.",
    omittable(list("names of fields")),
  ),
  payload: described(
    'Whether lines have the captured bytes, in base64; with format = "nfscribe".',
    optional(yesOrNo(), false),
  ),
  hostname: described(
    "Host name in the lines; this host's name if left out.",
    omittable(text("a host's name")),
  ),
  flavor: described(
    "Form of HTTP requests: ndjson is a line a packet; elasticsearch is its bulk API, loki its push API.",
    optional(oneOf(["ndjson", "elasticsearch", "loki"]), "ndjson"),
  ),
  ...ulogd2Entries,
} satisfies Entries;

/** Options of the receiver. */
const receiverEntries = {
  url: described(
    "A receiver in place of a file: tcp:, tls:, udp:, unix:, http: or https:.",
    omittable(text("a URL, as in https://log.example/in")),
  ),
  ...connectionEntries,
  ...httpEntries,
} satisfies Entries;

const { path: _, ...otherFileEntries } = fileEntries;

/** Options of a JSON output in a configuration. */
export const jsonEntries = {
  path: described(
    "The file, without a url; - is standard output, {time} becomes the time at which the file was begun.",
    omittable(path("file", "a file's path, or - for standard output")),
  ),
  ...otherFileEntries,
  ...lineEntries,
  ...receiverEntries,
};

/** Options of the lines, with the host name and the identifier of the run. */
export type LineOptions = WithHostname<OptionsOf<typeof lineEntries>> & { session: string };
/** Options of formats that are not ulogd's. */
export interface PrinterOptions
  extends Pick<LineOptions, "fields" | "payload" | "hostname" | "session"> {
  format: Exclude<JsonFormat, "ulogd2">;
}
/** Options of a JSON output. */
export type JsonOptions = OptionsOf<typeof jsonEntries>;
/** Complete options. */
export type CompleteJsonOptions = JsonOptions & LineOptions & Partial<CompleteRemoteOptions>;

const PROTOCOLS: readonly Protocol[] = ["tcp", "tls", "udp", "unix", "http", "https"];

/** Returns the receiver of checked options; undefined for a file. */
export function jsonReceiver({ url }: Pick<JsonOptions, "url">): Receiver | undefined {
  return url === undefined ? undefined : receiverOf(url, PROTOCOLS);
}

/** Returns the options of the file of checked options; undefined for a receiver. */
export function fileOf(options: JsonOptions): FileOptions | undefined {
  const { path } = options;
  return path === undefined ? undefined : { ...options, path };
}

/** Returns problems of options that are valid one by one. */
export function jsonProblems(options: Partial<JsonOptions>): ConfigProblem[] {
  const { format = "nfscribe", fields, payload } = options;
  const problems = placeProblems(options);
  if (format !== "ulogd2") {
    problems.push(...useless(jsonEntries, options, ULOGD2_ONLY, 'is for format = "ulogd2"'));
  }
  if (payload && format !== "nfscribe") {
    problems.push({
      key: "payload",
      message: `has no field in format = "${format}"; leave it out`,
    });
  }
  const known = FIELDS[format];
  for (const name of fields ?? []) {
    if (known.includes(name)) continue;
    problems.push({
      key: "fields",
      message: `format = "${format}" has no field "${name}"${suggestion(name, known)}`,
    });
  }
  return problems;
}

/** Options that only ulogd's format has. */
const ULOGD2_ONLY = Object.keys(ulogd2Entries) as (keyof typeof ulogd2Entries)[];
/** Options that only files have. */
const FILE_ONLY = [
  "rotateSize",
  "rotateSeconds",
  "rotateKeep",
  "compress",
  "totalSize",
  "freeSpace",
  "mode",
  "makeFolders",
] as const;
/** Options of receivers that have no default. */
const REMOTE_ONLY = [
  "caFile",
  "certFile",
  "keyFile",
  "auth",
  "user",
  "secretFile",
  "secretEnv",
] as const;

/** Returns problems of the options that say where lines go. */
function placeProblems(options: Partial<JsonOptions>): ConfigProblem[] {
  const { path, url, flavor = "ndjson", format = "nfscribe" } = options;
  if (path !== undefined && url !== undefined) {
    return [{ key: "url", message: "is not used with path; leave one of them out" }];
  }
  if (url === undefined) {
    if (path === undefined) return [{ key: "path", message: "is missing; add it, or a url" }];
    if (/^(tcp|tls|udp|unix|https?):\//.test(path)) {
      return [{
        key: "path",
        message: "takes a file; a receiver is named by the key url in a configuration file",
      }];
    }
    return [
      ...fileProblems({ ...options, path }),
      ...useless(
        jsonEntries,
        options,
        REMOTE_ONLY,
        "is for a receiver; add a url in place of path",
      ),
      ...flavor === "ndjson" ? [] : [{ key: "flavor", message: "is for an http: or https: url" }],
    ];
  }
  const problems = [
    ...remoteProblems({ ...options, url }, PROTOCOLS),
    ...useless(jsonEntries, options, FILE_ONLY, "is for a file; add a path in place of url"),
  ];
  if (flavor !== "ndjson" && !/^https?:/.test(url)) {
    problems.push({ key: "flavor", message: "is for an http: or https: url" });
  }
  if (flavor !== "ndjson" && format === "ulogd2") {
    problems.push({ key: "flavor", message: 'has no use for format = "ulogd2"; leave it out' });
  }
  return problems;
}
