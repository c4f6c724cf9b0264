/** Options of the filter in a configuration. */

import {
  allOrList,
  allOrPaths,
  described,
  type Entries,
  expressionText,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  wholeNumber,
  yesOrNo,
} from "../schema.ts";

/** Options of the table `[filter]`, besides the permissions. */
export const filterEntries = {
  script: described(
    "The script, a TypeScript or JavaScript module; without one `where` decides alone.",
    omittable(path("input", "a file's path")),
  ),
  where: described(
    'An expression, as in "tcp port 22 and not prefix noise": other packets go to no output, and the script is not asked about them.',
    omittable(expressionText()),
  ),
  workers: described(
    "Sandboxes in parallel, each with its own state; the order of packets is kept.",
    optional(wholeNumber(1, 64), 1),
  ),
  timeoutMs: described(
    "How long a batch of packets may take before its sandbox is replaced, in milliseconds.",
    optional(wholeNumber(10, 3_600_000), 2000),
  ),
  onError: described(
    "Packets whose filter threw go to every output (pass) or to none (drop).",
    optional(oneOf(["pass", "drop"]), "pass"),
  ),
  memoryMb: described(
    "The heap limit of each sandbox, in MiB.",
    optional(wholeNumber(16, 65536), 128),
  ),
  unsealed: described(
    "Run the script even where the kernel refuses to seal its process (no seccomp): Deno's permissions alone hold it then.",
    optional(yesOrNo(), false),
  ),
} satisfies Entries;

/** Options of the table `[filter.permissions]`. */
export const filterPermissionEntries = {
  net: described(
    "Hosts that the script may talk to; true is all.",
    omittable(allOrList('hosts, as in ["127.0.0.1:6379"]')),
  ),
  read: described(
    "Files and folders that the script may read; true is all.",
    omittable(allOrPaths("input")),
  ),
  write: described(
    "Files and folders that the script may write; true is all.",
    omittable(allOrPaths("file")),
  ),
  env: described(
    "Environment variables that the script may read and set; true is all.",
    omittable(allOrList("names of variables")),
  ),
  sys: described(
    "What the script may ask about the system; true is all.",
    omittable(allOrList('names, as in ["hostname"]')),
  ),
} satisfies Entries;

/** Permissions of a script; `true` grants all of a kind, an absent one nothing. */
export type FilterPermissions = OptionsOf<typeof filterPermissionEntries>;
/** Options of the filter. */
export type FilterOptions = OptionsOf<typeof filterEntries> & {
  /** The script's permissions. */
  permissions: FilterPermissions;
};

/** Permissions that no script is granted, and the reason. */
export const REFUSED_PERMISSIONS: Readonly<Record<string, string>> = {
  ffi: "cannot be granted: a library that a script calls may do whatever nfscribe may",
  run: "cannot be granted: no permission binds a program that a script starts",
  import:
    "cannot be granted: it would load code from elsewhere; put what the script needs beside it",
};
