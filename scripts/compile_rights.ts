/**
 * The rights and settings of an executable. Pure.
 *
 * @module
 */

import type { Metadata, Section } from "./compile_section.ts";

/** Expected contents of an executable. */
export interface Expected {
  /** Rights, as `--allow-…` flags. */
  rights: readonly string[];
  /** Flags of V8. */
  v8Flags: readonly string[];
  /** Paths of files, or of folders with `/` at their end. */
  files: readonly string[];
  /** The project's folder, which it must not name. */
  root: string;
}

/**
 * Returns the rights of an executable for a configuration, from those of nfscribe in its folder.
 *
 * @param flags Flags that `nfscribe run --flags` prints.
 * @param root The project's folder, with `/` at its end: what an executable has within itself.
 * @param variables Variables of the service manager, which it may be started by.
 */
export function executableRights(
  flags: readonly string[],
  root: string,
  variables: readonly string[],
): string[] {
  const rights = new Map(flags.map((flag) => {
    const [name, values] = flag.split("=", 2) as [string, string | undefined];
    return [name, values?.split(",")] as const;
  }));
  const read = rights.get("--allow-read")?.filter((path) => !path.startsWith(root));
  if (read?.length === 0) rights.delete("--allow-read");
  else if (read !== undefined) rights.set("--allow-read", read);
  if (!rights.has("--allow-env") || rights.get("--allow-env") !== undefined) {
    const names = [...rights.get("--allow-env") ?? [], ...variables];
    rights.set("--allow-env", [...new Set(names)]);
  }
  return [...rights].map(([name, values]) =>
    values === undefined ? name : `${name}=${values.join(",")}`
  );
}

/** Returns the rights of an executable as `--allow-…` flags, sorted. */
export function rightsOf({ permissions }: Metadata): string[] {
  return Object.entries(permissions).flatMap(([key, values]) => {
    const name = /^allow_(?!import)(.+)$/.exec(key)?.[1];
    if (name === undefined || !Array.isArray(values)) return [];
    return values.length === 0 ? `--allow-${name}` : `--allow-${name}=${values.join(",")}`;
  }).sort();
}

/**
 * Compares an executable with what it must contain.
 *
 * @returns What is wrong, a line each; none where all is well.
 */
export function differences({ metadata, settings, files }: Section, expected: Expected): string[] {
  const { permissions, workspace_resolver: { import_map: map } } = metadata;
  const rights = rightsOf(metadata);
  const wanted = [...expected.rights].sort();
  const paths = [...files.keys()];
  const imports = map === null ? {} : JSON.parse(map.json).imports;
  const isThere = (path: string) =>
    path.endsWith("/") ? paths.some((file) => file.startsWith(path)) : files.has(path);
  const checks: [holds: boolean, wrong: string][] = [
    [rights.join(" ") === wanted.join(" "), `its rights are ${rights}, not ${wanted}`],
    [permissions.prompt === false, "it asks for rights"],
    [permissions.deny_import !== null, "it imports modules from the network"],
    [metadata.code_cache_key === null, "it keeps machine code in a folder that all users write to"],
    [metadata.entrypoint_key === "main.ts", `it begins with ${metadata.entrypoint_key}`],
    [metadata.unstable_config.features.includes("worker-options"), "threads have all its rights"],
    [imports["nfscribe"] === "./mod.ts", "its import map lacks nfscribe"],
    [!settings.includes(expected.root), `it names ${expected.root}`],
    ...expected.v8Flags.map((flag): [boolean, string] => [
      metadata.v8_flags.includes(flag),
      `it lacks ${flag} of V8`,
    ]),
    ...expected.files.map((path): [boolean, string] => [isThere(path), `it lacks ${path}`]),
  ];
  return checks.filter(([holds]) => !holds).map(([, wrong]) => wrong);
}
