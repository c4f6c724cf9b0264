import { assertEquals, assertInstanceOf } from "@std/assert";
import { ConfigError, NetlinkError, OutputError, StalePacketError } from "../mod.ts";

Deno.test("A ConfigError is one line a problem: where, which key, what", () => {
  const problems = [
    { key: "source[0].group", message: "is missing" },
    { key: "", message: "is not TOML" },
  ];
  const error = new ConfigError("nfscribe.toml", problems);
  assertEquals(
    error.message,
    "nfscribe.toml: source[0].group: is missing\nnfscribe.toml: is not TOML",
  );
  assertEquals([error.file, error.problems], ["nfscribe.toml", problems]);
});

Deno.test("A NetlinkError keeps its parts and its cause", () => {
  const cause = new Error("why");
  const parts = { operation: "bind", errno: 1, code: "EPERM", origin: "reply" } as const;
  const error = new NetlinkError("Cannot bind", { ...parts, cause });
  const { operation, errno, code, origin } = error;
  assertEquals({ operation, errno, code, origin }, parts);
  assertEquals([error.message, error.cause], ["Cannot bind", cause]);
});

Deno.test("An OutputError keeps the output and its cause", () => {
  const cause = new Error("why");
  const error = new OutputError("a.pcap", "Cannot write a.pcap", { cause });
  assertEquals([error.output, error.message, error.cause], [
    "a.pcap",
    "Cannot write a.pcap",
    cause,
  ]);
});

Deno.test("Each error is an Error and has its class's name", () => {
  const netlink = { operation: "", errno: 1, code: "EPERM", origin: "syscall" } as const;
  const errors = [
    new ConfigError("f", []),
    new NetlinkError("", netlink),
    new OutputError("", ""),
    new StalePacketError(),
  ];
  for (const error of errors) {
    assertInstanceOf(error, Error);
    assertEquals(error.name, error.constructor.name);
  }
});
