import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { GROUP, IS_ROOT, USER } from "../kernel/plain_user.ts";
import { canRun, must, ROOT, run, temporaryFolder } from "../system/process.ts";
import { folderWithFilter } from "./places.ts";

/** Files of a checkout that nfscribe runs from. */
const FILES = ".dvmrc deno.json deno.lock main.ts mod.ts packet.ts pcap.ts logemu.ts testing.ts " +
  "ffi src types schema scripts packaging examples docs README.md CHANGELOG.md LICENSE";
/** Characters that mean something in shells and in addresses. */
const NAME = "x y ü#?%41";
const OFFLINE = ["unshare", "--net"];
const HAS_NAMESPACES = canRun(...OFFLINE, "true");

/**
 * Makes a checkout in a folder of such a name, with homes for two users; one of them
 * fetches its packages.
 */
async function checkout(as: readonly string[]) {
  const folder = await temporaryFolder();
  const root = `${folder.path}/${NAME}`;
  await must([
    "sh",
    "-euc",
    `mkdir "$0" "$1/home" "$1/other"; cd ${ROOT}; cp -R ${FILES} "$0"; chmod 755 "$1"`,
    root,
    folder.path,
  ]);
  if (as.length > 0) await must(["chown", "-R", `${USER}:${GROUP}`, root, `${folder.path}/home`]);
  const fetch =
    `unset DENO_DIR XDG_CACHE_HOME; root=$0; . "$0/scripts/prepare"; need_deno; need_modules`;
  await must([...as, "env", `HOME=${folder.path}/home`, "sh", "-euc", fetch, root]);
  return { root, folder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Types a command of a checkout's nfscribe without a network. */
function offline(home: string, ...command: readonly string[]) {
  const variables = ["-u", "DENO_DIR", "-u", "XDG_CACHE_HOME", `HOME=${home}`];
  return run([...OFFLINE, "env", ...variables, ...command]);
}

Deno.test(
  "a checkout in a folder of any name runs, checks filters and is installed without a network once it has its packages (needs network namespaces)",
  { ignore: !HAS_NAMESPACES },
  async () => {
    await using work = await folderWithFilter();
    await using checkedOut = await checkout([]);
    const { root, folder } = checkedOut;
    const options = ["--group", "1", "--pcap", "-", "--filter", `${work.path}/filter.ts`];
    const home = `${folder.path}/home`;
    const checked = await offline(home, `${root}/scripts/nfscribe`, "check", ...options);
    assertEquals(checked.code, 0, checked.stderr);
    assertStringIncludes(checked.stdout, "types checked, loads");
    const place = `${folder.path}/root`;
    const { code, stderr } = await offline(home, `${root}/scripts/install`, "--root", place);
    assertEquals(code, 0, stderr);
    // A bundle is run as long as it is one of the sources as they are.
    const said = async () =>
      (await offline(home, `${root}/scripts/nfscribe`, "--version")).stdout.trim();
    await Deno.mkdir(`${root}/.deno/bundle`, { recursive: true });
    await Deno.writeTextFile(`${root}/.deno/bundle/nfscribe.js`, 'console.log("the bundle");\n');
    assertMatch(await said(), /^nfscribe \d/);
    await Deno.writeTextFile(`${root}/.deno/bundled`, "");
    assertEquals(await said(), "the bundle");
    const errors = `${root}/src/errors.ts`;
    const { atime, mtime } = await Deno.stat(errors);
    await Deno.writeTextFile(errors, await Deno.readTextFile(errors));
    // As tools do that copy: the file looks as old as it was.
    await Deno.utime(errors, atime!, mtime!);
    assertMatch(await said(), /^nfscribe \d/);
  },
);

Deno.test(
  "root runs a plain user's checkout with the packages that are there, and leaves nothing there (needs root and network namespaces)",
  { ignore: !HAS_NAMESPACES || !IS_ROOT },
  async () => {
    await using work = await folderWithFilter();
    const as = ["setpriv", `--reuid=${USER}`, `--regid=${GROUP}`, "--clear-groups"];
    await using checkedOut = await checkout(as);
    const { root, folder } = checkedOut;
    const options = ["--group", "1", "--pcap", "-", "--filter", `${work.path}/filter.ts`];
    const { code, stdout, stderr } = await offline(
      `${folder.path}/other`,
      `${root}/scripts/nfscribe`,
      "check",
      ...options,
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "types checked, loads");
    assertEquals(await must(["find", root, `${folder.path}/home`, "-user", "root"]), "");
  },
);
