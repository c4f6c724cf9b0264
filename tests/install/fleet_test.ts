import { assertEquals, assertMatch } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ROOT } from "../system/process.ts";

const FOLDER = `${ROOT}packaging/fleet/`;
const KUBERNETES = `${FOLDER}kubernetes/`;

/** Returns the block of text below a key of YAML. */
function blockOf(yaml: string, key: string): string {
  const [, indent, text] = new RegExp(`^( *)${key}: \\|\\n((?: .*\\n|\\n)+)`, "m").exec(yaml)!;
  const deeper = " ".repeat(indent!.length + 2);
  const lines = text!.split("\n");
  const end = lines.findIndex((line) => line !== "" && !line.startsWith(deeper));
  return lines.slice(0, end === -1 ? undefined : end).map((line) => line.slice(deeper.length))
    .join("\n");
}

for (
  const [name, source, output] of [["sender", "nflog", "nats"], ["centre", "nats", "postgres"]]
) {
  Deno.test(`the configuration of the ${name} on Kubernetes is right`, async () => {
    const text = blockOf(await Deno.readTextFile(`${KUBERNETES}${name}.yaml`), "nfscribe\\.toml");
    const { sources, outputs, stats } = checkConfig(parse(text), "/etc/nfscribe/nfscribe.toml");
    assertEquals([sources[0]!.type, outputs[0]!.type], [source, output]);
    assertEquals(outputs[0]!.options.spool, "/var/lib/nfscribe/spool");
    assertMatch(stats.metrics!, /:9477$/);
  });
}

Deno.test("a sender on Kubernetes has the node's network and one capability, a centre none", async () => {
  const sender = await Deno.readTextFile(`${KUBERNETES}sender.yaml`);
  const capabilities = (yaml: string) => yaml.match(/capabilities: .*/g);
  assertEquals(capabilities(sender), ["capabilities: { drop: [ALL], add: [NET_ADMIN] }"]);
  assertMatch(sender, /^ +hostNetwork: true$/m);
  const centre = await Deno.readTextFile(`${KUBERNETES}centre.yaml`);
  assertEquals(capabilities(centre), ["capabilities: { drop: [ALL] }"]);
  assertEquals(/hostNetwork|privileged: true/.test(centre), false);
});

Deno.test("drop-ins for systemd open what is closed in the unit, and nothing else", async () => {
  const unit = await Deno.readTextFile(`${ROOT}packaging/nfscribe.service`);
  const keysOf = (text: string) => [...text.matchAll(/^(\w+)=/gm)].map(([, key]) => key!);
  for (const name of ["sender", "centre"]) {
    const keys = keysOf(await Deno.readTextFile(`${FOLDER}${name}.conf`));
    const known = new Set([...keysOf(unit), "Wants"]);
    assertEquals(keys.filter((key) => !known.has(key)), []);
  }
});

Deno.test("drop-ins order the service behind no network: it begins before that", async () => {
  const unit = await Deno.readTextFile(`${ROOT}packaging/nfscribe.service`);
  assertMatch(unit, /^Before=network-pre\.target$/m);
  for (const name of ["sender", "centre"]) {
    const text = await Deno.readTextFile(`${FOLDER}${name}.conf`);
    assertEquals(text.match(/^(After|Wants|Requires)=.*$/m), null, name);
  }
});
