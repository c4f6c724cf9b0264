import { assertEquals, assertRejects } from "@std/assert";
import { ConnectError, connectTo } from "../../../src/nats/connect.ts";
import type { NatsTarget } from "../../../src/nats/target.ts";
import { freePort } from "../../system/server.ts";

/** Returns whether an uncaught error with this place in its stack ends the process. */
function ends(place: string): boolean {
  const error = new Error("read ECONNRESET");
  error.stack = `Error: read ECONNRESET\n    at TCPWrap.onStreamRead [as onread] (${place}:1:3690)`;
  return globalThis.dispatchEvent(new ErrorEvent("error", { error, cancelable: true }));
}

Deno.test("A late error of a connection does not end the process, another error does", async () => {
  const server = { host: "127.0.0.1", port: freePort() };
  const target: NatsTarget = {
    servers: [server],
    isSecure: false,
    login: { kind: "none" },
    tls: {},
  };
  await assertRejects(() => connectTo(target, "test"), ConnectError);
  assertEquals(ends("ext:deno_node/internal/stream_base_commons.ts"), false);
  assertEquals(ends("ext:deno_node/internal_binding/tls_wrap.ts"), false);
  assertEquals(ends("file:///filter.ts"), true);
});
