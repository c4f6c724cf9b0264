/** Rights of Deno's that something needs. */

/** One right and its reason. */
export interface Need {
  /** As in `--allow-read`. */
  name: "read" | "write" | "net" | "env" | "sys" | "ffi" | "run";
  /** A path, host or name; undefined for all of its kind. */
  value: string | undefined;
  /** The purpose, in a few words. */
  why: string;
  /** Whether a start does without it in most cases; absent if it does not. */
  isOptional?: true;
  /** Whether it is a file with a password, which no other user may read. */
  isSecret?: true;
  /**
   * Whether a `net` right, or a right of a source, is kept after the start: to connect again, or for
   * files that are opened later.
   */
  isKept?: boolean;
}

/** Returns whether Deno was started with this right. */
export function isGranted(right: Pick<Need, "name" | "value">): boolean {
  return Deno.permissions.querySync(descriptor(right)).state === "granted";
}

/** Returns a right in the form of `Deno.permissions`. */
export function descriptor(
  { name, value }: Pick<Need, "name" | "value">,
): Deno.PermissionDescriptor {
  if (value === undefined) return { name };
  // Deno names a Unix socket by the value of the flag.
  if (name === "net") return { name, host: value };
  if (name === "env") return { name, variable: value };
  if (name === "run") return { name, command: value };
  if (name === "sys") return { name, kind: value } as Deno.PermissionDescriptor;
  return { name, path: value };
}

/** Variables that stand for those of this process's environment. */
const assumed = new Map<string, string>();

/**
 * Assumes variables of another environment, as that of a service that this process judges.
 * Processes that it starts do not get them.
 */
export function assumeVariables(values: ReadonlyMap<string, string>): void {
  for (const [name, value] of values) assumed.set(name, value);
}

/** Returns the value of an environment variable; undefined without the right to read it, too. */
export function variable(name: string): string | undefined {
  if (assumed.has(name)) return assumed.get(name);
  return isGranted({ name: "env", value: name }) ? Deno.env.get(name) : undefined;
}

/** Returns the permissions of a thread that needs these rights and no others. */
export function threadPermissions(needs: readonly Need[]): Deno.PermissionOptionsObject {
  // An optional right that this process has not cannot be passed on.
  const granted = needs.filter((need) => need.isOptional !== true || isGranted(need));
  const of = (name: Need["name"]): true | string[] => {
    const values = granted.filter((need) => need.name === name).map(({ value }) => value);
    return values.includes(undefined) || values as string[];
  };
  return {
    net: of("net"),
    read: of("read"),
    write: of("write"),
    env: of("env"),
    sys: of("sys") as true | Exclude<Deno.SysPermissionDescriptor["kind"], undefined>[],
    ffi: of("ffi"),
    run: false,
    import: false,
  };
}
