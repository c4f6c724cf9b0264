/**
 * Options of encoders that print ulogd's keys.
 *
 * @module
 */

import { type KeyOptions, PLUGINS } from "../../../src/output/ulogd/options.ts";

/** All keys. */
export const KEYS: KeyOptions = {
  plugins: PLUGINS,
  sequence: ["local", "global"],
  label: 0,
  sumTime: true,
};
