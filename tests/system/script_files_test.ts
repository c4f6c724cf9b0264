import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, UnreadableError } from "../../ffi/beneath.ts";
import { resolveLinks } from "../../ffi/resolve.ts";
import { ScriptFiles } from "../../src/daemon/pool/script_files.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "./process.ts";

Deno.test("a file is read once, and checked as a module even where it was read as a text before", async () => {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/filter.js`;
  await Deno.writeTextFile(script, "export default () => true;\n");
  await Deno.writeTextFile(`${folder.path}/deep.js`, "(".repeat(300));
  const files = new ScriptFiles(script);
  const asText = files.read("text", "deep.js");
  assertEquals("bytes" in asText && asText.bytes.length, 300);
  for (let times = 0; times < 2; times++) {
    const asModule = files.read("module", "deep.js");
    assertMatch("problem" in asModule ? asModule.problem : "", /^cannot be parsed: line 1: .*250/);
  }
  assertEquals(files.read("text", "deep.js"), asText);
  await Deno.writeTextFile(`${folder.path}/deep.js`, "changed");
  assertEquals(files.read("text", "deep.js"), asText);
  assertEquals(files.requests, [["text", "deep.js"]]);
});

Deno.test("a script is current while all that was read of it would be read the same", async () => {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/filter.js`;
  await Deno.writeTextFile(script, "export default () => true;\n");
  const files = new ScriptFiles(script);
  assertEquals(files.paths, [script]);
  files.read("module", "filter.js");
  files.read("text", "words.txt");
  assertEquals(files.paths, [script, `${folder.path}/words.txt`]);
  assertEquals(files.isCurrent(), true);
  await Deno.utime(script, 0, 0);
  assertEquals(files.isCurrent(), true);
  await Deno.writeTextFile(`${folder.path}/words.txt`, "");
  assertEquals(files.isCurrent(), false);
  await Deno.remove(`${folder.path}/words.txt`);
  await Deno.rename(script, `${folder.path}/other.js`);
  assertEquals(files.isCurrent(), false);
  await Deno.symlink("other.js", script);
  assertEquals(files.isCurrent(), true);
  await Deno.writeTextFile(`${folder.path}/other.js`, "export default () => null;\n");
  assertEquals(files.isCurrent(), false);
});

/** A user without any files. */
const STRANGER = 64321;
/** Whether this is root, who may give files away: a user namespace may hold only one user. */
const MAY_GIVE = canRun(
  "sh",
  "-c",
  'test "$(id -u)" = 0 && grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map',
);
const needsRoot = { ignore: !MAY_GIVE };

Deno.test(
  "a link of another user to root's file is not followed, and nothing of that file is shown (needs root)",
  needsRoot,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/closed`);
    await Deno.writeTextFile(`${path}/closed/shadow`, "root:$6$secret:20000::::\n", {
      mode: 0o600,
    });
    await Deno.symlink(`${path}/closed/shadow`, `${path}/filter.ts`);
    await Deno.symlink("closed", `${path}/scripts`);
    for (const link of ["filter.ts", "scripts"]) {
      await must(["chown", "-h", `${STRANGER}`, `${path}/${link}`]);
    }
    for (const [script, link] of [["filter.ts", "filter.ts"], ["scripts/shadow", "scripts"]]) {
      const { code, stdout, stderr } = await run(
        deno("--allow-all", `${ROOT}main.ts`, "check", "--group", "1", "--pcap", `${path}/a.pcap`)
          .concat("--filter", `${path}/${script}`),
      );
      assertEquals(code, 2);
      assert(!`${stdout}${stderr}`.includes("secret"), stderr);
      assertStringIncludes(
        stderr,
        `Cannot read it: ${path}/${link} is a link of user ${STRANGER} to what belongs to another user; ` +
          "name the file that is meant, or let root make the link",
      );
    }
  },
);

Deno.test(
  "links of root, and of the file's own owner, are followed (needs root)",
  needsRoot,
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.mkdir(`${path}/v2`);
    await Deno.writeTextFile(`${path}/v2/filter.js`, "export default () => true;\n");
    await Deno.symlink("v2", `${path}/current`);
    await Deno.symlink("current/filter.js", `${path}/filter.js`);
    const isRead = () =>
      "bytes" in new ScriptFiles(`${path}/filter.js`).read("module", "filter.js");
    assert(isRead());
    await must(["chown", "-R", "-h", `${STRANGER}`, path]);
    assert(isRead());
    await must(["chown", "-h", "0", `${path}/current`, `${path}/filter.js`]);
    assert(isRead());
    await must(["chown", "-h", `${STRANGER}`, `${path}/filter.js`]);
    await Deno.chown(`${path}/v2/filter.js`, 0, 0);
    assert(!isRead());
  },
);

Deno.test("resolveLinks() resolves what the kernel resolves, and ends at a circle", async () => {
  await using folder = await temporaryFolder();
  const path = await Deno.realPath(folder.path);
  await Deno.mkdir(`${path}/a/b`, { recursive: true });
  await Deno.writeTextFile(`${path}/a/b/file`, "");
  await Deno.symlink("../b/./file", `${path}/a/b/relative`);
  await Deno.symlink(`${path}/a`, `${path}/absolute`);
  await Deno.symlink("circle", `${path}/circle`);
  for (const name of ["a/b/file", "a/b/relative", "absolute//b/../b/relative"]) {
    assertEquals(resolveLinks(`${path}/${name}`), await Deno.realPath(`${path}/${name}`), name);
  }
  for (const [name, why] of [["circle", /too many links/], ["a/none", /no such file/]] as const) {
    try {
      resolveLinks(`${path}/${name}`);
      throw new Error("it was resolved");
    } catch (error) {
      assert(error instanceof UnreadableError);
      assertMatch(error.message, why);
    }
  }
});

Deno.test("Folder opens no folder behind a link that was put there after it was resolved", async () => {
  await using folder = await temporaryFolder();
  const path = await Deno.realPath(folder.path);
  await Deno.mkdir(`${path}/real`);
  new Folder(`${path}/real/`)[Symbol.dispose]();
  await Deno.symlink("real", `${path}/link`);
  try {
    new Folder(`${path}/link/`)[Symbol.dispose]();
  } catch (error) {
    assert(error instanceof UnreadableError);
    return;
  }
  throw new Error("it was opened");
});
