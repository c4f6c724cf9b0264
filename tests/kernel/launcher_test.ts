import { assertEquals, assertStringIncludes } from "@std/assert";
import { must, type Result, ROOT, run, temporaryFolder } from "../system/process.ts";
import { AS_USER, IS_ROOT, MAY_READ_PROJECT, readableCache, USER } from "./plain_user.ts";
import { udpPacket } from "../system/packets.ts";
import { pcapFile } from "nfscribe";

const needsRoot = { ignore: !IS_ROOT };

/** Variables that load code, or change how Deno runs. */
const HOSTILE = [
  "NODE_OPTIONS=--require=/tmp/x.cjs",
  "NODE_PATH=/tmp",
  "DENO_V8_FLAGS=--jitless",
  "DENO_TSC_BIN=/tmp/tsc",
  "DENO_COMPAT=1",
  "LD_LIBRARY_PATH=/nowhere",
  "LD_AUDIT=",
  "LD_PRELOAD=",
];
const HARMLESS = ["DENO_DIR=/nowhere", "NO_COLOR=1", "TZ=UTC"];

/** Copies the launcher, with a Deno version that no system has. */
async function launcher(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await must([
    "sh",
    "-euc",
    `chmod 755 "$0"; cd "$0"; mkdir scripts cache; cp "$1/scripts/nfscribe" "$1/scripts/prepare" scripts
    echo 0.0.0 >.dvmrc`,
    folder.path,
    ROOT,
  ]);
  return folder;
}

/** Puts a program named deno into a folder that leaves a trace and prints its environment. */
async function putDeno(folder: string): Promise<void> {
  const program = `#!/bin/sh\n[ "$1" != --version ] || echo deno 0.0.0\necho >>"$0.trace"\nenv\n`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/deno`, program);
  await Deno.chmod(`${folder}/deno`, 0o755);
}

/** Starts the launcher with a folder first on the PATH. */
function launch(root: string, folder: string, ...around: readonly string[]): Promise<Result> {
  const path = `PATH=${folder}:/usr/bin:/bin`;
  return run(
    [...around, "env", "XDG_CACHE_HOME=/dev/null/none", path, ...HOSTILE, ...HARMLESS].concat(
      `${root}/scripts/nfscribe`,
      "--version",
    ),
  );
}

/** Returns those of the variables that were in a program's environment. */
function had(variables: readonly string[], { stdout }: Result): string[] {
  const lines = stdout.split("\n");
  return variables.filter((variable) => lines.includes(variable));
}

Deno.test(
  "as root, scripts/nfscribe follows no variable that changes what is run (needs root)",
  needsRoot,
  async () => {
    await using folder = await launcher();
    await putDeno(folder.path);
    const result = await launch(folder.path, "/nowhere");
    assertEquals([result.code, had(HOSTILE, result)], [0, []], result.stderr);
    assertEquals(had(HARMLESS.slice(1), result), HARMLESS.slice(1));
  },
);

Deno.test(
  "as an ordinary user, scripts/nfscribe keeps variables, and runs any deno (needs root)",
  needsRoot,
  async () => {
    await using folder = await launcher();
    await using own = await temporaryFolder();
    await putDeno(`${own.path}/bin`);
    await must(["chown", "-R", USER, own.path]);
    const result = await launch(folder.path, `${own.path}/bin`, ...AS_USER);
    assertEquals([result.code, had(HOSTILE, result)], [0, HOSTILE], result.stderr);
  },
);

Deno.test(
  "as root, scripts/nfscribe runs a deno on the PATH that only root may change (needs root)",
  needsRoot,
  async () => {
    await using folder = await launcher();
    await using other = await temporaryFolder();
    await putDeno(`${other.path}/bin`);
    const { code, stderr } = await launch(folder.path, `${other.path}/bin`);
    assertEquals([code, stderr], [0, ""]);
  },
);

const LOOSE: [name: string, command: string, part: string][] = [
  ["another user's file", `chown ${USER} bin/deno`, "bin/deno"],
  ["a file that all may write", "chmod o+w bin/deno", "bin/deno"],
  ["a file that a group may write", `chgrp ${USER} bin/deno; chmod g+w bin/deno`, "bin/deno"],
  ["a file in another user's folder", `chown ${USER} bin`, "bin"],
  ["a file below another user's folder", `chown ${USER} .`, ""],
  [
    "a link to another user's file",
    `mv bin real; mkdir bin; ln -s ../real/deno bin/deno; chown ${USER} real`,
    "real",
  ],
  [
    "a link in another user's folder",
    `mv bin real; mkdir bin; ln -s ../real/deno bin/deno; chown ${USER} bin`,
    "bin",
  ],
];

for (const [name, command, part] of LOOSE) {
  Deno.test(`as root, scripts/nfscribe does not run ${name} (needs root)`, needsRoot, async () => {
    await using folder = await launcher();
    await using other = await temporaryFolder();
    await putDeno(`${other.path}/bin`);
    await must(["sh", "-euc", `cd "$0"; chmod 755 .; ${command}`, other.path]);
    const { code, stdout, stderr } = await launch(folder.path, `${other.path}/bin`);
    assertEquals([code, stdout], [1, ""]);
    const loose = part === "" ? other.path : `${other.path}/${part}`;
    assertStringIncludes(
      stderr,
      `nfscribe: Root does not run ${other.path}/bin/deno, since others than root may change ${loose}; ` +
        "take it off the PATH, or chown it to root and chmod go-w\n" +
        "nfscribe: Deno 0.0.0, which nfscribe runs with, is gone; install nfscribe anew\n",
    );
    const traces = await must(["find", other.path, "-name", "*.trace"]);
    assertEquals(traces, "");
  });
}

Deno.test(
  "a plain user's second scripts/nfscribe in /tmp goes on with that user's file (needs root, and a readable project)",
  { ignore: !IS_ROOT || !MAY_READ_PROJECT },
  async () => {
    await using cache = await readableCache();
    await must(["chown", "-R", USER, cache.path]);
    const input = `${cache.path}/in.pcap`;
    {
      await using file = await pcapFile(input);
      for (let n = 0; n < 5; n++) await file.write(udpPacket(100));
    }
    await Deno.chmod(input, 0o644);
    const name = `nfscribe-test-${crypto.randomUUID()}.pcap`;
    const replay = (path: string) =>
      run([
        ...["sh", "-c", 'cd /tmp && exec "$@"', "sh", ...AS_USER, "env", `HOME=${cache.path}`],
        ...[`XDG_CACHE_HOME=${cache.path}`, `DENO_DIR=${cache.path}`, `${ROOT}scripts/nfscribe`],
        ...["replay", input, "--pcap", path],
      ]);
    try {
      const sizes = [];
      for (const path of [`/tmp/${name}`, name, `/tmp/${name}`]) {
        const { code, stderr } = await replay(path);
        assertEquals(code, 0, stderr);
        sizes.push((await Deno.stat(`/tmp/${name}`)).size);
      }
      const record = (sizes[0]! - 24) / 5;
      assertEquals(sizes, [5, 10, 15].map((count) => 24 + count * record));
      // Of another user there, the file stays untouched.
      await Deno.chown(`/tmp/${name}`, Number(USER) + 1, null);
      await Deno.chmod(`/tmp/${name}`, 0o666);
      for (const path of [`/tmp/${name}`, name]) {
        const { code, stderr } = await replay(path);
        assertEquals(code, 1);
        assertStringIncludes(stderr, `it is a file of user ${Number(USER) + 1} in `);
      }
    } finally {
      await Deno.remove(`/tmp/${name}`);
    }
  },
);
