/**
 * Options of outputs as sandboxes get them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { checkOutputs } from "../../src/config/outputs.ts";
import type { Options } from "../../src/definition.ts";
import { outputs } from "../../src/output/outputs.ts";

/** Returns the options of an output as the sandbox gets them: in JSON. */
export function disclosed(type: string, table: Readonly<Record<string, unknown>>): Options {
  const output = outputs[type]!;
  const problems: { key: string; message: string }[] = [];
  const [part] = checkOutputs({ [type]: table }, problems);
  assertEquals(problems, []);
  const options = output.sandboxOptions(output.unopened(part!.options));
  assertEquals(JSON.parse(JSON.stringify(options)), options, "options survive their way as JSON");
  return options;
}
