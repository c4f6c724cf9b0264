import { assertEquals } from "@std/assert";
import type { Stats } from "../../src/daemon/telemetry/stats_client.ts";
import { told } from "../../src/doctor/running.ts";

const stats = (changes: Partial<Stats> & { lost?: number } = {}): Stats => {
  const { lost = 0, ...others } = changes;
  return {
    sources: { nats: { received: 9, lost, malformed: 0, foreign: 0 } },
    filter: { passed: 9, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {},
    ...others,
  };
};

Deno.test("A running nfscribe's losses are advised on where they happened", () => {
  assertEquals(told("running", stats()).state, "ok");
  const own = told("running", stats({ lost: 1 }));
  assertEquals([own.state, own.fix?.startsWith("raise buffer_size of the source")], ["note", true]);
  const others = told("running", stats({ lost: 1, hosts: {} }));
  assertEquals(
    others.fix,
    "nfscribe stats tells at which host; raise buffer_size there, or log less",
  );
});

Deno.test("A source's problem is to be solved", () => {
  const { state, message } = told("running", stats({ problems: ["source nats: no room"] }));
  assertEquals([state, message], ["fix", "source nats: no room"]);
});
