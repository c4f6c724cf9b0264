import { assertEquals } from "@std/assert";
import { natsProblem } from "../../src/nats/problem.ts";
import { serversOf } from "../../src/nats/servers.ts";
import type { NatsTarget } from "../../src/nats/target.ts";

const target: NatsTarget = {
  ...serversOf("tls://nats.example:4222"),
  login: { kind: "none" },
  tls: {},
};

Deno.test("a connection that was cut is named as one, whatever the system's code", () => {
  for (const code of ["ECONNRESET", "EPIPE", "EPERM"]) {
    const error = Object.assign(new Error(`write ${code}`), { code, syscall: "write" });
    assertEquals(natsProblem(error, target, "send records"), {
      kind: "away",
      message:
        "Cannot send records over tls://nats.example:4222: the server closed the connection; " +
        "its log may say why",
      code,
    });
  }
});
