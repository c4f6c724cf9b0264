import { assertEquals } from "@std/assert";
import { ownPathsOf } from "../../src/daemon/own_paths.ts";

const log = { file: "n.log", level: "info", format: "text" } as const;

Deno.test("paths that are opened again are files, spools, the log, and files that are read", () => {
  const outputs = [
    { name: "a", type: "pcap", options: { path: "a.pcap" } },
    { name: "b", type: "pcap", options: { path: "/var/b/{time}.pcap" } },
    { name: "c", type: "logemu", options: { path: "c.log", rotateSize: 4096, spool: "c" } },
    { name: "d", type: "postgres", options: { spool: "d" } },
    { name: "e", type: "logemu", options: { path: "-" } },
  ];
  const why = "a reason";
  const needs = [
    { name: "read", value: "a.pcap", why },
    { name: "read", value: "/var/b/", why },
    { name: "read", value: "n.toml", why },
    { name: "write", value: "n.log", why },
    { name: "sys", value: "hostname", why },
    { name: "read", value: undefined, why },
  ] as const;
  const paths = ownPathsOf({ outputs, log }, needs);
  assertEquals(paths.slice(0, -2), [
    { path: "a.pcap", kind: "file", why: "output a" },
    { path: "/var/b/{time}.pcap", kind: "rotated", why: "output b" },
    { path: "c", kind: "folder", why: "output c: the spool" },
    { path: "c.log", kind: "rotated", why: "output c" },
    { path: "d", kind: "folder", why: "output d: the spool" },
    { path: "n.log", kind: "file", why: "the log" },
    { path: "n.toml", kind: "read", why },
  ]);
  const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
  const modules = { kind: "read", why: "nfscribe's own modules, for new sandboxes" } as const;
  assertEquals(paths.slice(-2), [
    { path: `${root}src/`, ...modules },
    { path: `${root}ffi/`, ...modules },
  ]);
});
