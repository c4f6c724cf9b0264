import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
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
 * types its first command.
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
  const variables = ["-u", "DENO_DIR", "-u", "XDG_CACHE_HOME", `HOME=${folder.path}/home`];
  const first = await run([...as, "env", ...variables, `${root}/scripts/nfscribe`, "try", "true"]);
  assertEquals(first.code, 0, first.stderr);
  // Before that it may have fetched Deno.
  assertMatch(first.stderr, /(^|\n)nfscribe: Preparing this checkout, once: .*\n$/);
  return { root, folder, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Types a command of a checkout's nfscribe without a network. */
function offline(home: string, ...command: readonly string[]) {
  const variables = ["-u", "DENO_DIR", "-u", "XDG_CACHE_HOME", `HOME=${home}`];
  return run([...OFFLINE, "env", ...variables, ...command]);
}

/** Changes in the folder `src`, which get a file of their own as `$0`. */
const CHANGES = [
  // As tools do that copy: the file looks as old as it was.
  `touch -r errors.ts "$0" && echo "// edited" >>errors.ts && touch -r "$0" errors.ts`,
  "echo 'export {};' >added.ts",
  "rm ../schema/flow.schema.json",
  // As git does for another version: another file takes the place.
  "cp -p errors.ts other.ts && mv other.ts errors.ts",
];

/**
 * Copies and changes a checkout: its bundle is run as long as it is one of its sources as they are.
 *
 * @param base A folder for copies, with a home.
 */
async function bundleIsRun(root: string, base: string): Promise<void> {
  const isBundled = async () => {
    const command = [`${root}/scripts/nfscribe`, "--version"];
    const { code, stdout, stderr } = await offline(`${base}/home`, ...command);
    assertEquals([code, stderr], [0, ""]);
    if (stdout === "the bundle\n") return true;
    assertMatch(stdout, /^nfscribe \d/);
    return false;
  };
  await Deno.writeTextFile(`${root}/.deno/bundle/nfscribe.js`, 'console.log("the bundle");\n');
  // Newer than all that follows, as where the clock is set back.
  const later = Date.now() / 1000 + 1e6;
  await Deno.utime(`${root}/.deno/bundled`, later, later);
  assert(await isBundled());

  const kept = `${base}/kept`;
  await must(["mv", root, kept]);
  for (const option of ["-R", "-a"]) {
    await must(["cp", option, kept, root]);
    assert(!await isBundled(), `a copy made by cp ${option}`);
    await must(["rm", "-r", root]);
  }
  await must(["mv", kept, root]);
  assert(await isBundled(), "at its place again");
  const note = `root=$0; . "$0/scripts/prepare"; list_sources >"$0/.deno/bundled"`;
  for (const change of CHANGES) {
    await must(["env", "-C", `${root}/src`, "sh", "-euc", change, `${base}/time`]);
    assert(!await isBundled(), change);
    await must(["sh", "-euc", note, root]);
    assert(await isBundled(), "noted anew");
  }
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
    await bundleIsRun(root, folder.path);
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
