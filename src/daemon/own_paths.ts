/** Lists the paths that nfscribe opens again while it runs, as the user that it became. */

import type { Config } from "../config/config.ts";
import { fromFileUrl } from "../text/file_url.ts";
import { entriesOf } from "../config/outputs.ts";
import { pathsOf } from "../schema.ts";
import { outputs as outputTypes } from "../output/outputs.ts";
import { isRotated, STANDARD_OUTPUT } from "../output/file/options.ts";
import { MODULES } from "../threads.ts";
import { folderOf } from "../text/path.ts";
import type { OwnPath } from "../privileges/denied.ts";
import type { Need } from "../permission.ts";

/**
 * Returns the paths that are opened again: those of a configuration, and nfscribe's modules.
 *
 * @param config A checked configuration.
 * @param needs Rights that are needed after the start; they include the files that are read.
 */
export function ownPathsOf(
  config: Pick<Config, "outputs" | "log">,
  needs: readonly Need[],
): OwnPath[] {
  return [...configuredPathsOf(config, needs), ...modulePaths()];
}

/**
 * Returns the paths of a configuration.
 *
 * @param config A checked configuration.
 * @param needs Rights that it needs; they include the files that are read.
 */
export function configuredPathsOf(
  config: Pick<Config, "outputs" | "log">,
  needs: readonly Need[],
): OwnPath[] {
  const written = writtenPaths(config);
  const isWritten = (path: string) =>
    written.some((own) => own.path === path || folderOf(own.path) === path);
  const read = needs.flatMap(({ name, value, why, isSecret }): OwnPath[] =>
    name !== "read" || value === undefined || isWritten(value)
      ? []
      : [{ path: value, kind: isSecret === true ? "secret" : "read", why }]
  );
  return [...written, ...read];
}

/**
 * Returns the folders of nfscribe's own modules, which each new sandbox loads; an executable
 * contains them.
 */
function modulePaths(): OwnPath[] {
  const why = "nfscribe's own modules, for new sandboxes";
  return MODULES.filter(({ protocol }) => protocol === "file:")
    .map(({ href }) => ({ path: fromFileUrl(href), kind: "read", why }));
}

function writtenPaths(
  { outputs, log }: Pick<Config, "outputs" | "log">,
): OwnPath[] {
  const paths = outputs.flatMap(({ name, type, options }) =>
    pathsOf(entriesOf(outputTypes[type]!)).flatMap(([key, use]): OwnPath[] => {
      const path = options[key];
      if (typeof path !== "string") return [];
      if (use === "folder") return [{ path, kind: "folder", why: `output ${name}: the ${key}` }];
      return [{
        path,
        kind: isRotated(options) ? "rotated" : "file",
        why: `output ${name}`,
        ...options.makeFolders === true && { makesFolder: true },
      }];
    })
  );
  paths.push({ path: log.file, kind: "file", why: "the log" });
  return paths.filter(({ path }) => path !== STANDARD_OUTPUT);
}
