/**
 * Records the demo as an asciicast (version 2), for the site and for players in terminals:
 * `deno task cast`. Pauses are those of a reader, not of the machine.
 *
 * @module
 */

import { fromFileUrl } from "../src/text/file_url.ts";

const ROOT = new URL("..", import.meta.url);
const CAST = new URL("docs/demo.cast", ROOT);
const COMMAND = "scripts/demo";
const COLUMNS = 100;
const ROWS = 30;

/** Pauses in seconds: before a key, before a line, and before the explanation of a step. */
const PAUSES = { key: 0.06, line: 0.08, step: 1.6, end: 3 } as const;

/** A moment of a recording: seconds since its beginning, kind (`o` is output), text. */
type Moment = readonly [seconds: number, kind: "o", text: string];

/**
 * Returns the moments of a command that is typed, and of the lines that it prints.
 *
 * @param command The command.
 * @param printed Its output.
 */
export function momentsOf(command: string, printed: string): Moment[] {
  const moments: Moment[] = [];
  let now = 0;
  const show = (pause: number, text: string) => {
    now += pause;
    moments.push([Math.round(now * 1000) / 1000, "o", text]);
  };
  show(0, "$ ");
  for (const key of command) show(PAUSES.key, key);
  show(PAUSES.step, "\r\n");
  for (const line of printed.trimEnd().split("\n")) {
    show(line.startsWith("# ") ? PAUSES.step : PAUSES.line, `${line}\r\n`);
  }
  show(PAUSES.end, "$ ");
  return moments;
}

/** Returns a recording as a file holds it: a header, then a moment a line. */
export function castText(moments: readonly Moment[]): string {
  const header = {
    version: 2,
    width: COLUMNS,
    height: ROWS,
    title: "The first minute of nfscribe",
  };
  return [header, ...moments].map((line) => `${JSON.stringify(line)}\n`).join("");
}

async function record(): Promise<void> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", `exec 2>&1; exec ${COMMAND} --no-install`],
    cwd: fromFileUrl(ROOT.href),
  }).output();
  const printed = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`Cannot record ${COMMAND}: it failed and said\n${printed}`);
  await Deno.writeTextFile(CAST, castText(momentsOf(COMMAND, printed)));
}

if (import.meta.main) await record();
