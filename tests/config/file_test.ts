import { assertEquals } from "@std/assert";
import { parse } from "@std/toml/parse";
import { fromFolderOf } from "../../src/config/file.ts";

const resolve = (file: string, toml: string) => fromFolderOf(file, parse(toml));

Deno.test("Paths in a configuration file are relative to it, of whatever part", () => {
  const toml = `
    [[source]]
    type = "pcap"
    path = ["in.pcap", "/var/b.pcap"]
    [filter]
    script = "./filter.ts"
    [filter.permissions]
    read = ["data", "/srv"]
    write = ["state/"]
    net = ["db"]
    [output.pcap]
    path = "../x.pcap"
    [output.postgres]
    spool = "spool"
    [stats]
    socket = "run.sock"`;
  assertEquals(resolve("/etc/nfscribe/a.toml", toml), {
    source: [{ type: "pcap", path: ["/etc/nfscribe/in.pcap", "/var/b.pcap"] }],
    filter: {
      script: "/etc/nfscribe/./filter.ts",
      permissions: {
        read: ["/etc/nfscribe/data", "/srv"],
        write: ["/etc/nfscribe/state/"],
        net: ["db"],
      },
    },
    output: {
      pcap: { path: "/etc/nfscribe/../x.pcap" },
      postgres: { spool: "/etc/nfscribe/spool" },
    },
    stats: { socket: "/etc/nfscribe/run.sock" },
  });
});

Deno.test("Standard streams, absolute paths and permissions for all stay what they are", () => {
  const toml = `
    filter = { script = "/f.ts", permissions = { read = true } }
    [output.a]
    path = "-"
    [output.b]
    path = "/x"`;
  assertEquals(resolve("etc/a.toml", toml), parse(toml));
});

Deno.test("A file in the current folder leaves paths as they are", () => {
  const toml = '[output.a]\npath = "x"\n[filter]\nscript = "f.ts"';
  assertEquals(resolve("nfscribe.toml", toml), parse(toml));
});

Deno.test("What is no path is left for the check to name", () => {
  for (
    const toml of [
      'source = 1\noutput = [1]\nfilter = "x"',
      "source = [1]\noutput = { a = 1 }\nfilter = { script = 5, permissions = 5 }",
      'output = { a = { path = "" } }\nfilter = { permissions = { read = [1], write = "x" } }',
      "filter = []\noutput = { a = {} }",
    ]
  ) assertEquals(resolve("etc/a.toml", toml), parse(toml));
});
