import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { entriesOf } from "../../ffi/files.ts";
import { linkTarget } from "../../ffi/links.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { startNfscribe, writeConfig } from "./nfscribe.ts";
import { AS_USER, GROUP, IS_ROOT, MAY_READ_PROJECT, readableCache, USER } from "./plain_user.ts";
import {
  deno,
  HAS_USER_NAMESPACES,
  must,
  ROOT,
  temporaryFolder,
  until,
} from "../system/process.ts";

const needsRoot = { ignore: !IS_ROOT };
/** Another user must be able to load the project's modules. */
const needsReaders = { ignore: !IS_ROOT || !MAY_READ_PROJECT };
const needsBoth = { ignore: !IS_ROOT || !HAS_USER_NAMESPACES };

/** Lines of a thread's status to compare. */
const LINES = /^(Uid|Gid|Groups|Cap(?:Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs):[\t ]*(.*?)[\t ]*$/gm;

interface Child extends AsyncDisposable {
  pid: number;
  lines(): string[];
  /** Lets it continue, and waits for its next line. */
  resume(word: string): Promise<void>;
}

/** Starts `become.ts` until it prints `lowered` or an error. */
async function start(folder: string, around: readonly string[] = []): Promise<Child> {
  await must([
    "sh",
    "-euc",
    `cd "$0"; chmod 777 .; umask 077; echo root >secret; ln -s secret link`,
    folder,
  ]);
  const rights = ["--allow-ffi", `--allow-read=${folder}`, `--allow-write=${folder}`];
  const [program, ...args] = [
    ...around,
    ...deno(...rights, `${ROOT}tests/kernel/become.ts`, USER, GROUP, folder),
  ];
  const child = new Deno.Command(program!, { args, stdin: "piped", stdout: "piped" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const writer = child.stdin.getWriter();
  const wait = (word: string) =>
    until(`the child has ${word}`, () => new RegExp(`^(${word}$|failed: .*\n)`, "m").test(said));
  await wait("lowered");
  return {
    pid: child.pid,
    lines: () => said.trimEnd().split("\n"),
    resume: async (word) => {
      await writer.write(new Uint8Array(1));
      await wait(word);
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await reading;
      await child.status;
    },
  };
}

/** Returns the status of each thread of a process. */
function threadsOf(pid: number): { name: string; lines: Record<string, string> }[] {
  return entriesOf(`/proc/${pid}/task`).flatMap((id) => {
    const status = readProcFile(`/proc/${pid}/task/${id}/status`);
    if (status === undefined) return [];
    const lines = [...status.matchAll(LINES)].map(([, name, value]) => [name!, value!] as const);
    const name = /^Name:\s*(.*)$/m.exec(status)![1]!;
    return [{ name, lines: Object.fromEntries(lines) }];
  });
}

const NONE = "0000000000000000";
const four = (id: string) => Array(4).fill(id).join("\t");

/** Returns the status of a thread without rights, apart from the bounding set. */
function nothing(groups: string): Record<string, string> {
  return {
    Uid: four(USER),
    Gid: four(GROUP),
    Groups: groups,
    CapInh: NONE,
    CapPrm: NONE,
    CapEff: NONE,
    CapAmb: NONE,
    NoNewPrivs: "1",
  };
}

Deno.test(
  "every thread changes to the user, those created before and after (needs root)",
  needsRoot,
  async () => {
    await using folder = await temporaryFolder();
    await using child = await start(folder.path);
    const lowered = threadsOf(child.pid);
    const { Uid, Gid, Groups, CapEff } = lowered[0]!.lines;
    assertEquals([Uid, Gid, Groups, CapEff], [
      `${USER}\t${USER}\t0\t${USER}`,
      four(GROUP),
      GROUP,
      NONE,
    ]);
    assertEquals(new Set(lowered.map(({ lines }) => `${lines.Uid} ${lines.CapEff}`)).size, 1);

    await child.resume("dropped");
    const threads = threadsOf(child.pid);
    const left = threads.map(({ lines: { CapBnd: _, ...rest } }) => rest);
    assertEquals(left, threads.map(() => nothing(GROUP)));
    // V8's threads, both workers, and at least one for each poll.
    assertGreater(threads.length, 9);
    const workers = threads.filter(({ name }) => name.startsWith("worker"));
    // The main thread created the second worker after its bounding set was emptied.
    assertEquals(workers.map(({ lines }) => lines.CapBnd === NONE), [false, true]);
    assertEquals(threads[0]!.lines.CapBnd, NONE);
  },
);

Deno.test(
  "files are opened as the user from the first one on, sockets as root (needs root)",
  needsRoot,
  async () => {
    await using folder = await temporaryFolder();
    await using child = await start(folder.path);
    await child.resume("dropped");
    assertEquals(child.lines().map((line) => line.replace(/: Cannot bind .*/, ": not bound")), [
      "lowered: PermissionDenied",
      "lowered: PermissionDenied",
      "lowered: not bound",
      "raised: bound",
      "lowered",
      "dropped: PermissionDenied",
      "dropped: PermissionDenied",
      "dropped: not bound",
      "dropped",
    ]);
    const { uid, gid } = await Deno.stat(`${folder.path}/made`);
    assertEquals([`${uid}`, `${gid}`], [USER, GROUP]);
    assertEquals(await Deno.readTextFile(`${folder.path}/secret`), "root\n");
  },
);

Deno.test(
  "started as the user with a capability, the main thread drops it, and a warning names the others (needs root, and a project that any user may read)",
  needsReaders,
  async () => {
    await using folder = await temporaryFolder();
    const capable = ["--inh-caps=+net_admin", "--ambient-caps=+net_admin"];
    // Its cache of packages is readable by all users.
    await using cache = await readableCache();
    await using child = await start(folder.path, [
      "env",
      `DENO_DIR=${cache.path}`,
      ...AS_USER,
      ...capable,
    ]);
    await child.resume("dropped");
    const [main, ...others] = threadsOf(child.pid);
    const { CapBnd: _, ...rest } = main!.lines;
    assertEquals(rest, nothing(""));
    assertEquals(others.map(({ lines }) => lines.NoNewPrivs), others.map(() => "1"));
    const said = child.lines();
    assertEquals([said[2], said.at(-2)!.startsWith("dropped: Cannot bind")], [
      "lowered: bound",
      true,
    ]);
    assertMatch(said.find((line) => line.startsWith("warning"))!, /\d+ of \d+ threads keep cap/);
  },
);

Deno.test(
  "a user that the user namespace lacks is refused (needs root and user namespaces)",
  needsBoth,
  async () => {
    await using folder = await temporaryFolder();
    await using child = await start(folder.path, ["unshare", "--user", "--map-root-user"]);
    const [said] = child.lines();
    assertStringIncludes(said!, `failed: Cannot become user ${USER}: Cannot set groups: `);
  },
);

/** Returns Deno's own files that a process may change: open descriptors, and shared mappings. */
function cachesOf(pid: number): string[] {
  const isCache = (path: string) => /_cache_v\d+(-\w+)?$/.test(path);
  const files = entriesOf(`/proc/${pid}/fd`).flatMap((fd) => {
    const path = linkTarget(`/proc/${pid}/fd/${fd}`) ?? "";
    const flags = readProcFile(`/proc/${pid}/fdinfo/${fd}`)!.match(/^flags:\s*(\d+)/m)![1]!;
    return isCache(path) && parseInt(flags, 8) % 4 !== 0 ? [path] : [];
  });
  const memory = readProcFile(`/proc/${pid}/maps`)!.split("\n")
    .filter((line) => / .w.s /.test(line) && isCache(line));
  return [...files, ...memory];
}

Deno.test(
  "after the start, the user cannot change root's DENO_DIR (needs root, and a project that any user may read)",
  needsReaders,
  async () => {
    await using folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o777);
    const config = `${folder.path}/nfscribe.toml`;
    await writeConfig(config, { groups: [709], pcap: `${folder.path}/a.pcap` });
    // As root, nfscribe keeps it open.
    {
      await using root = await startNfscribe("-c", config);
      assertGreater(cachesOf(root.pid).length, 0);
    }
    await Deno.remove(`${folder.path}/a.pcap`);
    await Deno.writeTextFile(config, `user = "nobody"\n${await Deno.readTextFile(config)}`);
    await using nfscribe = await startNfscribe("-c", config);
    await until("the user was changed", () => threadsOf(nfscribe.pid)[0]!.lines.CapPrm === NONE);
    await until("nothing is open", () => cachesOf(nfscribe.pid).length === 0, 2000);
    nfscribe.kill("SIGTERM");
    assertEquals((await nfscribe.ended()).code, 0);
  },
);

Deno.test(
  "modules that are loaded later do not wait for disconnected files (needs root)",
  needsRoot,
  async () => {
    const program = `import { Privileges } from "${ROOT}src/privileges/privileges.ts";
import { credentialsOf } from "${ROOT}src/privileges/user.ts";
Privileges.lower(credentialsOf({ user: ${USER}, group: ${GROUP} }, "test")).drop(console);
const start = performance.now();
await import("${ROOT}src/packet/describe.ts");
console.log(performance.now() - start);`;
    const ms = Number(await must(deno("--allow-ffi", `--allow-read=${ROOT}`, "-"), program));
    assertLess(ms, 1500);
  },
);

Deno.test(
  "a run as root is warned of; a run as root of a user namespace is not (needs root, user namespaces, and a project that any user may read)",
  { ignore: needsBoth.ignore || !MAY_READ_PROJECT },
  async () => {
    const program = `import { warnOfRoot } from "${ROOT}src/privileges/privileges.ts";
warnOfRoot({ warn: (message) => console.log(message) });`;
    const command = deno("--allow-ffi", "-");
    assertStringIncludes(
      await must(command, program),
      'nfscribe goes on as root; write user = "NAME"',
    );
    const plain = ["setpriv", `--reuid=${USER}`, "--clear-groups"];
    const mapped = ["unshare", "--user", "--map-root-user"];
    await using cache = await readableCache();
    const env = ["env", `DENO_DIR=${cache.path}`];
    assertEquals(await must([...env, ...plain, ...mapped, ...command], program), "");
    assertEquals(await must([...env, ...plain, ...command], program), "");
  },
);
