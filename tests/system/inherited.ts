/**
 * A service that prints what its manager has kept for it, and exits: `inherited.ts`.
 *
 * @module
 */

import { DescriptorStore } from "../../src/systemd/descriptor_store.ts";
import { takeServiceEnvironment } from "../../src/systemd/environment.ts";
import { Notifier } from "../../src/systemd/notifier.ts";

const warnings: string[] = [];
const warn = (message: string) => void warnings.push(message);
const environment = takeServiceEnvironment();
await using notifier = Notifier.open(environment.notifySocket, warn);
using store = new DescriptorStore(environment, notifier, warn);
const sources = ["nflog-1", "nflog-2-%2Fblue", "ulog-3"].map((_, index) =>
  store.inherited.take(
    [
      { type: "nflog", group: 1 },
      { type: "nflog", group: 2, netns: "/blue" },
      { type: "ulog", group: 3 },
    ][index],
  )
);
store.inherited.keepOnly([]);
notifier.ready();
console.log(JSON.stringify({
  sources: sources.map((source) => source && { name: source.name, expected: source.expected }),
  variables: Object.keys(Deno.env.toObject()).filter((name) =>
    /^(LISTEN|NOTIFY|FDSTORE)/.test(name)
  ),
  warnings,
}));
