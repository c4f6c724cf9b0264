/**
 * The paths that nfscribe uses again while it runs: as the user that it became.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { fromFileUrl } from "../text/file_url.ts";
import { isRotated, STANDARD_OUTPUT } from "../output/file/options.ts";
import type { Need } from "../permission.ts";

/** Folders of nfscribe's own modules, which each new sandbox loads; an executable has them in it. */
const MODULES: readonly URL[] = ["src/", "ffi/"].map((name) =>
  new URL(`../../${name}`, import.meta.url)
);

/** A path that is used again. */
export interface OwnPath {
  /** The path; `{time}` in its name stands for a time. */
  path: string;
  /**
   * What it is: a file that is written; one that others take the place of, so that
   * its folder is written, too; a folder whose files are all ours; or something that
   * is only read.
   */
  kind: "file" | "rotated" | "folder" | "read";
  /** Whose, for messages, as in `output pcap`. */
  why: string;
  /** Whether its folder is made where it is missing. */
  makesFolder?: boolean;
}

/**
 * The paths that are used again: those of a configuration, and nfscribe's modules.
 *
 * @param config A checked configuration.
 * @param needs The rights that it takes after the start: what is read is among them.
 */
export function ownPathsOf(
  config: Pick<Config, "outputs" | "log">,
  needs: readonly Need[],
): OwnPath[] {
  return [...configuredPathsOf(config, needs), ...modulePaths()];
}

/**
 * The paths of a configuration.
 *
 * @param config A checked configuration.
 * @param needs The rights that it takes: what is read is among them.
 */
export function configuredPathsOf(
  config: Pick<Config, "outputs" | "log">,
  needs: readonly Need[],
): OwnPath[] {
  const written = writtenPaths(config);
  const isWritten = (path: string) =>
    written.some((own) => own.path === path || folderOf(own.path) === path);
  const read = needs.flatMap(({ name, value, why }): OwnPath[] =>
    name !== "read" || value === undefined || isWritten(value)
      ? []
      : [{ path: value, kind: "read", why }]
  );
  return [...written, ...read];
}

/** The modules' folders, where they are on the disk. */
function modulePaths(): OwnPath[] {
  const why = "nfscribe's own modules, for new sandboxes";
  return MODULES.filter(({ protocol }) => protocol === "file:")
    .map(({ href }) => ({ path: fromFileUrl(href), kind: "read", why }));
}

/** The folder of a path as `fileNeeds` has it, with `/` at its end. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || "./";
}

function writtenPaths(
  { outputs, log }: Pick<Config, "outputs" | "log">,
): OwnPath[] {
  const paths = outputs.flatMap(({ name, options }) => {
    const { path, spool } = options;
    const own: OwnPath[] = [];
    if (typeof path === "string") {
      own.push({
        path,
        kind: isRotated(options) ? "rotated" : "file",
        why: `output ${name}`,
        ...options.makeFolders === true && { makesFolder: true },
      });
    }
    if (typeof spool === "string") {
      own.push({ path: spool, kind: "folder", why: `output ${name}: the spool` });
    }
    return own;
  });
  paths.push({ path: log.file, kind: "file", why: "the log" });
  return paths.filter(({ path }) => path !== STANDARD_OUTPUT);
}
