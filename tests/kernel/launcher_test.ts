import { assertEquals, assertStringIncludes } from "@std/assert";
import { must, type Result, ROOT, run, temporaryFolder } from "../system/process.ts";
import { AS_USER, IS_ROOT, USER } from "./plain_user.ts";

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
