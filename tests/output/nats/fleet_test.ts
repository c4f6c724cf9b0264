import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../../src/config/config.ts";
import { fleetFiles } from "../../../src/output/nats/fleet.ts";

const PLAN = {
  hosts: ["web1", "db.example"],
  servers: ["nats1", "nats2.example", "192.0.2.3"],
  sources: '[[source]]\ntype = "nflog"\ngroup = 1\n',
  outputs: '[output.json]\npath = "all.json"\n',
};

/** Returns a fleet's files by path. */
function made(plan = PLAN) {
  const { files } = fleetFiles(plan);
  return new Map(files.map((file) => [file.path, file]));
}

Deno.test("a fleet has files for each host, each server and the centre", () => {
  assertEquals([...made().keys()], [
    "make-certificates",
    "install-server",
    "servers/users.conf",
    "servers/nats1.conf",
    "servers/nats2.example.conf",
    "servers/192.0.2.3.conf",
    "hosts/web1/nfscribe.toml",
    "hosts/web1/nfscribe.nk",
    "hosts/db.example/nfscribe.toml",
    "hosts/db.example/nfscribe.nk",
    "centre/nfscribe.toml",
    "centre/nfscribe.nk",
  ]);
});

Deno.test("configurations of hosts and of the centre are right, and agree", () => {
  const files = made();
  const configOf = (path: string) => checkConfig(parse(files.get(path)!.text), path);
  const host = configOf("hosts/db.example/nfscribe.toml");
  const [output] = host.outputs;
  assertEquals(output!.options.hostname, "db.example");
  const centre = configOf("centre/nfscribe.toml");
  const [source] = centre.sources;
  assertEquals(source!.options.url, output!.options.url);
  assertEquals(source!.options.url, "tls://nats1:4222,nats2.example:4222,192.0.2.3:4222");
  assertEquals([source!.options.create, source!.options.replicas], [true, 3]);
  assertEquals(centre.outputs.map(({ type }) => type), ["json"]);
});

Deno.test("each host has a key of its own, which only its owner may read", () => {
  const seeds = [...made().values()].filter(({ path }) => path.endsWith(".nk"));
  for (const { text, isSecret } of seeds) {
    assertMatch(text, /^SU[A-Z2-7]{56}\n$/);
    assert(isSecret);
  }
  assertEquals(new Set(seeds.map(({ text }) => text)).size, 3);
  const users = made().get("servers/users.conf")!.text;
  assertEquals(new Set(users.match(/nkey: U[A-Z2-7]{55}/g)).size, 3);
  for (const { text } of seeds) assert(!users.includes(text.trim()));
});

Deno.test("a host may publish for itself, and receive answers: nothing else", () => {
  const users = made().get("servers/users.conf")!.text;
  const [, host] = /# db\.example\n([^]*?)# centre/.exec(users)!;
  assertEquals(host!.match(/"[^"]+"/g), [
    '"nfscribe.db_example.>"',
    '"$JS.API.STREAM.INFO.NFSCRIBE"',
    '"_INBOX.db_example.>"',
  ]);
  const [, centre] = /# centre\n([^]*)$/.exec(users)!;
  assert(!/DELETE|PURGE/.test(centre!.replaceAll("CONSUMER.*", "")), centre);
});

Deno.test("several servers are a cluster, with TLS on both ports; one is alone", () => {
  const text = made().get("servers/nats1.conf")!.text;
  assertStringIncludes(text, '"nats://nats2.example:6222"\n    "nats://192.0.2.3:6222"');
  assertEquals(text.match(/cert_file: "servers\/nats1\.pem"/g)?.length, 2);
  const alone = made({ ...PLAN, servers: ["localhost"] });
  assert(!alone.get("servers/localhost.conf")!.text.includes("cluster"));
  assertStringIncludes(alone.get("centre/nfscribe.toml")!.text, "replicas = 1 ");
  assertStringIncludes(
    alone.get("make-certificates")!.text,
    "make localhost DNS:localhost,IP:127.0.0.1,IP:::1\n",
  );
  assertStringIncludes(made().get("make-certificates")!.text, "make 192.0.2.3 IP:192.0.2.3\n");
});
