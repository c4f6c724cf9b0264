import { assertEquals } from "@std/assert";
import { libcPaths } from "../../ffi/libc.ts";

const LINUX = { os: "linux" } as const;

Deno.test("libcPaths() lists glibc's path on each distribution, Debian's first", () => {
  assertEquals(libcPaths({ ...LINUX, arch: "x86_64", env: "gnu" }), [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ]);
  assertEquals(libcPaths({ ...LINUX, arch: "aarch64", env: "gnu" }), [
    "/lib/aarch64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ]);
});

Deno.test("libcPaths() lists musl's paths if Deno is linked with musl, and no other C library", () => {
  assertEquals(libcPaths({ ...LINUX, arch: "x86_64", env: "musl" }), [
    "/lib/ld-musl-x86_64.so.1",
    "/lib/libc.musl-x86_64.so.1",
    "/usr/lib/libc.so",
  ]);
  assertEquals(libcPaths({ ...LINUX, arch: "aarch64", env: "musl" }), [
    "/lib/ld-musl-aarch64.so.1",
    "/lib/libc.musl-aarch64.so.1",
    "/usr/lib/libc.so",
  ]);
});

Deno.test("libcPaths() assumes glibc for a build without an environment name", () => {
  const paths = libcPaths({ ...LINUX, arch: "x86_64", env: undefined as never });
  assertEquals(paths[0], "/lib/x86_64-linux-gnu/libc.so.6");
});

Deno.test("libcPaths() lists absolute paths only, which --allow-ffi needs", () => {
  for (const env of ["gnu", "musl"]) {
    const paths = libcPaths({ ...LINUX, arch: "x86_64", env });
    assertEquals(paths.every((path) => path.startsWith("/")), true);
  }
});
