/**
 * Receives the messages of a stream into outputs, as `nfscribe run` does:
 * `receiving.ts STREAM MESSAGES PACE_MS OUTPUTS`. Prints a line once the first message was received.
 *
 * @module
 */

import { checkConfig } from "../../../src/config/config.ts";
import { Daemon } from "../../../src/daemon/daemon.ts";
import { OPENER } from "../../../src/daemon/open.ts";
import { newSource } from "../../../src/daemon/pipeline/topology.ts";
import { Log } from "../../../src/log/log.ts";
import { StreamReader } from "./stream_reader.ts";

const [stream = "", messages = "0", paceMs = "0", outputs = "{}"] = Deno.args;

const config = checkConfig(
  { source: [{ type: "nflog", group: 1 }], output: JSON.parse(outputs) },
  "test.toml",
);
const log = new Log({ file: "-", level: "info", format: "text" }, (line) => console.error(line));
const daemon = new Daemon(config, log, {
  opener: {
    ...OPENER,
    source: (part) =>
      Promise.resolve(
        newSource(part, new StreamReader(stream, Number(messages), Number(paceMs)), undefined),
      ),
  },
});
const never = new Promise<never>(() => {});
await daemon.open(never);
console.log("open");
await daemon.run(new AbortController().signal);
await daemon.close(new AbortController().signal);
