/**
 * Type errors of a filter script, before it runs.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";

/**
 * The settings for users' scripts: they say what "nfscribe" is, and are less
 * particular than those for nfscribe itself; a script need not say any type.
 */
const SETTINGS = new URL("../../types/filter.deno.json", import.meta.url).pathname;

/** Whether `deno check` may be run. */
export function canTypeCheck(): boolean {
  return denoCommand() !== undefined;
}

/** The Deno that may be run: this process's own, unless nfscribe was compiled, or one by its name. */
function denoCommand(): string | undefined {
  const own = Deno.execPath();
  return [...own.endsWith("/deno") ? [own] : [], "deno"].find((command) =>
    Deno.permissions.querySync({ name: "run", command }).state === "granted"
  );
}

/**
 * Checks the types of a script, where `--allow-run` lets `deno check` run.
 *
 * @param script The script's path; undefined without one.
 * @throws {ConfigError} If there are type errors; it names all of them with their place.
 */
export async function typeCheck(script: string | undefined): Promise<void> {
  const command = denoCommand();
  if (script === undefined || command === undefined) return;
  const { success, stderr } = await new Deno.Command(command, {
    args: ["check", "--quiet", "--config", SETTINGS, script],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const text = new TextDecoder().decode(stderr).replaceAll("file://", "");
  const problems = text.split(/\n\n+/).map((part) => part.trim())
    .filter((part) => /^(TS\d+|error:)/.test(part))
    .filter((part) => !/Type checking failed|Found \d+ errors/.test(part))
    .map((part) => part.replace(/^error: /, ""));
  if (problems.length === 0) problems.push(text.trim());
  throw new ConfigError(script, problems.map((message) => ({ key: "", message })));
}
