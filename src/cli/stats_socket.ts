/** Socket for counters of a running nfscribe, as options or a configuration name it. */

import { usualFile } from "../config/file.ts";
import { ConfigError } from "../errors.ts";
import { escaped } from "../text/escape.ts";
import { absolute, hasControl, NO_CONTROL } from "../text/path.ts";
import type { ParsedOptions } from "./command.ts";
import { requireOwn } from "./found_config.ts";
import { configOf } from "./options.ts";

/**
 * Returns the path of the socket: `--socket`, or the one of the configuration file.
 *
 * @param options What was asked for.
 * @param command The command, for messages.
 * @throws {ConfigError} If the path has control characters, the file cannot be read, or names none.
 */
export async function statsSocket(
  { config, socket }: ParsedOptions,
  command: string,
): Promise<string> {
  if (socket !== undefined) {
    if (!hasControl(socket)) return absolute(socket);
    throw new ConfigError(escaped(socket), [{ key: "", message: NO_CONTROL }]);
  }
  const file = config ?? usualFile();
  requireOwn(file, { config });
  const { stats } = await configOf({ config: file }, command);
  if (stats.socket !== undefined) return stats.socket;
  throw new ConfigError(file, [{
    key: "stats.socket",
    message: 'is missing; add [stats] with socket = "/run/nfscribe.sock", and start nfscribe again',
  }]);
}
