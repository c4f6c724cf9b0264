import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, must, ROOT, temporaryFolder } from "./process.ts";

/** Writes a fleet, or adds to one. */
async function initFleet(folder: string, ...words: string[]): Promise<string> {
  const options = ["init", "--folder", folder, "--fleet", ...words];
  return await must(deno("-A", `${ROOT}main.ts`, ...options));
}

Deno.test("hosts are added to a fleet that is there", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const read = (file: string) => Deno.readTextFile(`${path}/${file}`);
  await initFleet(path, "web1", "--servers", "nats2,nats1");
  await Deno.writeTextFile(`${path}/ca.pem`, "an authority\n");
  const said = await initFleet(path, "db1,db2");
  assertStringIncludes(said, "Wrote hosts/db1, hosts/db2 and servers/users.conf.");
  const users = await read("servers/users.conf");
  assertEquals(users.match(/^ {4}# .*/gm), [
    "    # web1",
    "    # db1",
    "    # db2",
    "    # centre",
  ]);
  assertEquals(new Set(users.match(/nkey: U[A-Z2-7]{55}/g)).size, 4);
  assertEquals(await read("hosts/db2/ca.pem"), "an authority\n");
  assertMatch(await read("hosts/db2/nfscribe.toml"), /url = "tls:\/\/nats1:4222,nats2:4222"/);
});

Deno.test("a server becomes a service with files of its own alone", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  await initFleet(path, "web1", "--servers", "nats1,nats2");
  for (const file of ["nats1.pem", "nats1-key.pem", "ca.pem"]) {
    await Deno.writeTextFile(`${path}/servers/${file}`, "");
  }
  const root = `${path}/root`;
  await must(["env", `DESTDIR=${root}`, "sh", `${path}/install-server`, "nats1"]);
  const config = await Deno.readTextFile(`${root}/etc/nats-server.conf`);
  assertEquals(config.match(/"\/[^"]+"|include .*/g), [
    '"/var/lib/nats"',
    ...['"/etc/nats/nats1.pem"', '"/etc/nats/nats1-key.pem"', '"/etc/nats/ca.pem"'],
    ...['"/etc/nats/nats1.pem"', '"/etc/nats/nats1-key.pem"', '"/etc/nats/ca.pem"'],
    'include "nats/users.conf"',
  ]);
  const files = [...Deno.readDirSync(`${root}/etc/nats`)].map(({ name }) => name).sort();
  assertEquals(files, ["ca.pem", "nats1-key.pem", "nats1.pem", "users.conf"]);
});
