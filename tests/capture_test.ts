import { assertEquals, assertRejects } from "@std/assert";
import { capture, ConfigError } from "../mod.ts";

Deno.test("capture() names everything that is wrong before it opens anything", async () => {
  const error = await assertRejects(
    () => capture({ group: 70_000, copyRange: -1, queueTimeoutMs: 15, rage: 1 } as never),
    ConfigError,
  );
  assertEquals(error.file, "capture options");
  assertEquals(
    error.problems.map(({ key }) => key).toSorted(),
    ["copyRange", "group", "queueTimeoutMs", "rage"],
  );
});

Deno.test("capture() does not take its own callbacks for unknown options", async () => {
  const error = await assertRejects(
    () => capture({ group: -1, onWarning: () => {}, signal: new AbortController().signal }),
    ConfigError,
  );
  assertEquals(error.problems.map(({ key }) => key), ["group"]);
});

Deno.test("capture() with a signal that is aborted already rejects with its reason", async () => {
  const reason = new RangeError("enough");
  const error = await assertRejects(
    () => capture({ group: 1, signal: AbortSignal.abort(reason) }),
    RangeError,
  );
  assertEquals(error === reason, true);
});
