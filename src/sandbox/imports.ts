/** Checks the imports of a filter script: files of its own folder, and `nfscribe`. */

/** Ways to import a file. */
export type FileKind = "module" | "json" | "text";

/** Names of modules. */
const MODULE = /\.m?[jt]s$/;

/** Modules of nfscribe that a script may import. */
const OWN_MODULES = ["nfscribe", "nfscribe/packet"] as const;
/** The name of one. */
export type OwnModule = typeof OWN_MODULES[number];

/** The reason why an import is refused that is made while a script runs. */
export const NO_DYNAMIC_IMPORT = "a filter cannot import while it runs, as with import(…); " +
  "write `import … from` at the top";

/**
 * Returns how a file is imported; undefined if it cannot be.
 *
 * @param address URL of the file.
 * @param type The import attribute `type`.
 *
 * @example
 * ```ts
 * import { kindOf } from "./imports.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kindOf("file:///etc/f/lists.ts", undefined), "module");
 * assertEquals(kindOf("file:///etc/f/words.txt", "text"), "text");
 * assertEquals(kindOf("file:///etc/f/table.json", undefined), undefined);
 * ```
 */
export function kindOf(address: string, type: string | undefined): FileKind | undefined {
  if (type === "text") return "text";
  if (type === "json") return address.endsWith(".json") ? "json" : undefined;
  return type === undefined && MODULE.test(address) ? "module" : undefined;
}

/**
 * Returns why an import is refused; undefined if it is allowed.
 *
 * @param specifier Specifier in the script, as in `./lists.ts`.
 * @param address URL that it resolves to; undefined if it does not resolve.
 * @param folder URL of the script's folder, with `/` at its end.
 * @param type The import attribute `type`.
 */
export function importProblem(
  specifier: string,
  address: string | undefined,
  folder: string,
  type: string | undefined,
): string | undefined {
  const refused = `a filter cannot import "${specifier}"`;
  if (OWN_MODULES.some((name) => name === specifier)) {
    return type === undefined
      ? undefined
      : `${refused} like that: write \`from "${specifier}"\` without \`with\``;
  }
  if (!/^\.{0,2}\/|^file:/.test(specifier)) {
    return `${refused}: it may import its own files, as in "./lists.ts", "nfscribe" and "nfscribe/packet"`;
  }
  if (address?.startsWith(folder) !== true || /[?#]/.test(address)) {
    return `${refused}: it may import files of its own folder only`;
  }
  if (kindOf(address, type) !== undefined) return undefined;
  return address.endsWith(".json")
    ? `${refused} like that: write \`with { type: "json" }\``
    : `${refused} like that: modules are .ts, .mts, .js and .mjs files; a text is imported ` +
      'with { type: "text" }';
}
