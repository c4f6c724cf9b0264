import { assertEquals } from "@std/assert";
import { descriptor } from "../src/permission.ts";

Deno.test("descriptor() names each right as Deno.permissions does", () => {
  assertEquals(descriptor({ name: "run", value: "nft" }), { name: "run", command: "nft" });
  assertEquals(descriptor({ name: "env", value: "PATH" }), { name: "env", variable: "PATH" });
  assertEquals(descriptor({ name: "sys", value: "uid" }), { name: "sys", kind: "uid" });
  assertEquals(descriptor({ name: "net", value: "host:80" }), { name: "net", host: "host:80" });
  assertEquals(descriptor({ name: "ffi", value: "/lib/c" }), { name: "ffi", path: "/lib/c" });
  assertEquals(descriptor({ name: "read", value: undefined }), { name: "read" });
});
