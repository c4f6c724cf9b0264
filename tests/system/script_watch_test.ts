import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { ScriptWatch } from "../../src/daemon/pool/script_watch.ts";
import { SandboxWatch } from "../../src/daemon/pool/watch.ts";
import { must, temporaryFolder, until } from "./process.ts";

/** Longer than the detection of a change. */
const NOTICED_MS = 600;

/**
 * Creates a folder with `filter.ts` by a shell, and watches it; `in` is the prefix of shell
 * commands.
 */
async function watched(prepare: string, paths: readonly string[]) {
  const folder = await temporaryFolder();
  const shell = (text: string) => must(["sh", "-euc", `cd ${folder.path}; ${text}`]);
  await shell(prepare);
  let changes = 0;
  const descriptors = new SandboxWatch(() => {});
  const follow = () => watch.follow(paths.map((path) => `${folder.path}/${path}`));
  const watch = new ScriptWatch(descriptors, () => {
    changes++;
    follow();
  });
  follow();
  return {
    shell,
    get changes() {
      return changes;
    },
    async [Symbol.asyncDispose]() {
      watch.close();
      await descriptors.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Initial state, the watched paths, and changes of which each must be detected. */
const CASES: [name: string, prepare: string, paths: string[], changes: string[]][] = [
  ["a file that is written, renamed over, removed and made anew", "echo 1 > f.ts", ["f.ts"], [
    "echo 2 > f.ts",
    "echo 3 > new; mv new f.ts",
    "rm f.ts",
    "echo 4 > f.ts",
    "chmod 0 f.ts",
    "mv f.ts old",
    "mv old f.ts",
  ]],
  [
    "a file that another process holds open",
    "echo 1 > f.ts; (exec 3< f.ts; exec sleep 4) > sleeps 2>&1 &",
    ["f.ts"],
    [
      "rm f.ts",
      "echo 2 > f.ts",
    ],
  ],
  ["a link that leads elsewhere", "echo 1 > a.ts; echo 2 > b.ts; ln -s a.ts f.ts", ["f.ts"], [
    "echo 3 > a.ts",
    "ln -sfn b.ts f.ts",
    "echo 4 > b.ts",
    "rm f.ts",
    "ln -s a.ts f.ts",
  ]],
  [
    "a folder of a ConfigMap, whose link ..data is exchanged",
    "mkdir ..1; echo 1 > ..1/f.ts; ln -s ..1 ..data; ln -s ..data/f.ts f.ts",
    ["f.ts"],
    [
      "mkdir ..2; echo 2 > ..2/f.ts; ln -s ..2 ..data_tmp; mv -T ..data_tmp ..data; rm -r ..1",
      "mkdir ..3; echo 3 > ..3/f.ts; ln -s ..3 ..data_tmp; mv -T ..data_tmp ..data; rm -r ..2",
    ],
  ],
  [
    "a folder on the way that is moved, exchanged, removed and made anew",
    "mkdir -p a/b/c; echo 1 > a/b/c/f.ts; cp -r a new",
    ["a/b/c/f.ts"],
    [
      "mv --exchange a new || { mv a old; mv new a; mv old new; }",
      "mv a/b gone",
      "mv gone a/b",
      "rm -r a",
      "mkdir a",
      "mkdir -p a/b/c",
      "echo 2 > a/b/c/f.ts",
    ],
  ],
  [
    "a chain of links through folders",
    "mkdir v1 v2; echo 1 > v1/f.ts; echo 2 > v2/f.ts; ln -s v1 current; ln -s $PWD/current site; ln -s site/../site/./f.ts f.ts",
    ["f.ts"],
    ["ln -sfn v2 current", "mv v2 v3", "ln -sfn v3 current", "echo 3 > v3/f.ts"],
  ],
  ["a link to a file that is not there yet", "mkdir d; ln -s d/none f.ts", ["f.ts"], [
    "echo 1 > d/none",
    "rm -r d",
    "mkdir d; echo 1 > d/none",
  ]],
  ["links that go round", "ln -s f.ts f.ts", ["f.ts"], ["rm f.ts", "echo 1 > f.ts"]],
  ["several files", "echo 1 > f.ts; mkdir l; echo 2 > l/t.json", ["f.ts", "l/t.json", "no.txt"], [
    "echo 3 > l/t.json",
    "echo 1 > no.txt",
    "mv l m",
    "mv m l",
  ]],
];

for (const [name, prepare, paths, changes] of CASES) {
  Deno.test(`ScriptWatch notices ${name}`, async () => {
    await using files = await watched(prepare, paths);
    for (const change of changes) {
      const before = files.changes;
      await files.shell(change);
      await until(`it is noticed: ${change}`, () => files.changes > before, 3000);
      // Further events of the change are over.
      await delay(300);
    }
  });
}

Deno.test("ScriptWatch ignores other files in the folders", async () => {
  await using files = await watched("mkdir d; echo 1 > d/f.ts", ["d/f.ts"]);
  await files.shell(
    "echo 1 > d/out.pcap; echo 2 >> d/out.pcap; mv d/out.pcap d/1; rm d/1; mkdir e",
  );
  await files.shell("cat d/f.ts; ls d");
  await delay(NOTICED_MS);
  assertEquals(files.changes, 0);
});

Deno.test("ScriptWatch waits for what is missing without noticing what else appears there", async () => {
  await using files = await watched("mkdir d", ["d/f.ts"]);
  await files.shell("echo 1 > d/other; mkdir e");
  await delay(NOTICED_MS);
  assertEquals(files.changes, 0);
  await files.shell("echo 1 > d/f.ts");
  await until("it is noticed", () => files.changes === 1, 3000);
});

Deno.test("ScriptWatch reports many changes in a row once, and lasting ones several times", async () => {
  await using files = await watched("echo 1 > f.ts", ["f.ts"]);
  await files.shell("for n in 1 2 3 4 5; do echo $n > f.ts; sleep 0.1; done");
  await until("they are noticed", () => files.changes > 0, 3000);
  assertEquals(files.changes, 1);
  await files.shell("for n in $(seq 30); do echo $n > f.ts; sleep 0.1; done");
  await until("they are noticed", () => files.changes > 1, 3000);
});
