import { assertEquals } from "@std/assert";
import type { OwnPath } from "../../src/privileges/denied.ts";
import { canRun, deno, must, ROOT, temporaryFolder } from "../system/process.ts";

/** Whether this is root that can change to any user. */
const IS_ROOT = canRun(
  "sh",
  "-c",
  'test "$(id -u)" = 0 && grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map',
);

const USER = 64321;

/** Files and folders, most of them readable by root only. */
const FILES = `umask 077
touch a.pcap "it's.pcap" r.pcap secret own.pcap
mkdir locked spool own
touch locked/x own/r.pcap
chown -R ${USER} own own.pcap`;

const PATHS: readonly OwnPath[] = [
  { path: "a.pcap", kind: "file", why: "output a" },
  { path: "it's.pcap", kind: "file", why: "output b" },
  { path: "own.pcap", kind: "file", why: "output c" },
  { path: "own.pcap", kind: "rotated", why: "output d" },
  { path: "own/r.pcap", kind: "rotated", why: "output e" },
  { path: "t-{time}.pcap", kind: "rotated", why: "output f" },
  { path: "locked/x", kind: "file", why: "output g" },
  { path: "spool", kind: "folder", why: "output h: the spool" },
  { path: "own", kind: "folder", why: "output i: the spool" },
  { path: "secret", kind: "read", why: "the configuration" },
  { path: "absent", kind: "read", why: "a certificate" },
  { path: "locked", kind: "read", why: "a folder" },
  { path: "own/new", kind: "file", why: "output j" },
  { path: "own/new/new", kind: "file", why: "output k" },
  { path: "own/new/new", kind: "file", why: "output l", makesFolder: true },
  { path: "new", kind: "folder", why: "output m: the spool" },
  { path: "/etc", kind: "folder", why: "output n: the spool" },
];

/** Returns the denials of a user, with the effective user and after the change. */
async function denied(folder: string): Promise<string[]> {
  await must(["sh", "-euc", `cd "$0"; chmod 755 .; ${FILES}`, folder]);
  const paths = PATHS.map((own) => ({ ...own, path: own.path.replace(/^(?!\/)/, `${folder}/`) }));
  const program = `import { deniedText } from "${ROOT}src/privileges/denied.ts";
import { Privileges } from "${ROOT}src/privileges/privileges.ts";
import { credentialsOf } from "${ROOT}src/privileges/user.ts";
const credentials = credentialsOf({ user: ${USER}, group: 64322 }, "test");
const paths = ${JSON.stringify(paths)};
const privileges = Privileges.lower(credentials);
const lowered = deniedText(paths, credentials);
privileges.drop(console);
console.log(JSON.stringify([lowered, deniedText(paths, credentials), deniedText([paths[2]], credentials) ?? ""]));`;
  const texts: string[] = JSON.parse(await must(deno("--allow-ffi", "-"), program));
  return texts.map((text) => text.replaceAll(`${folder}/`, ""));
}

Deno.test(
  "paths that the user cannot open again are listed, each with a remedy (needs root)",
  { ignore: !IS_ROOT },
  async () => {
    await using folder = await temporaryFolder();
    const [lowered, dropped, none] = await denied(folder.path);
    const next = `its next file needs a folder that belongs to ${USER}: choose another one`;
    assertEquals(lowered!.replaceAll(folder.path, "").split("\n"), [
      `As user ${USER}, nfscribe cannot open these again:`,
      `output a: a.pcap: let it belong to ${USER}: chown ${USER}:64322 a.pcap`,
      `output b: it's.pcap: let it belong to ${USER}: chown ${USER}:64322 'it'\\''s.pcap'`,
      `output d: own.pcap: ${next}`,
      `output f: t-{time}.pcap: ${next}`,
      `output g: locked/x: let ${USER} search locked/: chgrp 64322 locked/ && chmod g+x locked/`,
      `output h: the spool: spool: let it belong to ${USER}: chown -R ${USER}:64322 spool`,
      `the configuration: secret: let ${USER} read it: chgrp 64322 secret && chmod g+r secret`,
      `a folder: locked: let ${USER} read it: chgrp 64322 locked && chmod g+r locked`,
      `output k: own/new/new: its folder is not there; make it: install -d -o ${USER} -g 64322 -m 0750 own/new/`,
      `output m: the spool: new: ${USER} may not make files in : choose a folder that belongs to ${USER}`,
      "output n: the spool: /etc: it is the system's; choose another path",
    ]);
    assertEquals(dropped, lowered);
    assertEquals(none, "");
  },
);
