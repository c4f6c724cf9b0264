import { assertEquals } from "@std/assert";
import { pcapFile } from "nfscribe";
import { packet } from "nfscribe/testing";
import { canRun, HAS_USER_NAMESPACES, ROOT, temporaryFolder } from "../system/process.ts";
import { type Block, Book } from "./book.ts";
import { missing, readTexts, samplesOf, unsaid } from "./messages.ts";
import { Shell } from "./shell.ts";

const DOCUMENT = "docs/troubleshooting.md";
const BOOK = await Book.read(DOCUMENT);
/** Time limit of a command, in milliseconds. */
const DEADLINE_MS = 60_000;

/** A shell in a namespace of its own takes root; what it types takes these. */
const CAN = canRun("unshare", "--uts", "true") &&
  canRun("unshare", "--net", "nft", "list", "ruleset") &&
  canRun("setpriv", "--bounding-set=-net_admin", "true") && HAS_USER_NAMESPACES;

/** nfscribe as one process, with all of Deno's rights: most messages are not about these. */
const ONE_PROCESS = `mkdir bin
cat > bin/nfscribe <<'END'
#!/bin/sh
exec deno run --quiet --no-prompt --allow-all "$ROOT/main.ts" "$@"
END
chmod +x bin/nfscribe
PATH=$PWD/bin:$PATH
`;

/** Rules that log to a group, in a table of their own. */
function rule(group: number): string {
  return `nft add table inet test
nft add chain inet test c '{ type filter hook input priority 0; }'
nft add rule inet test c udp dport 9 log group ${group}
`;
}

/** Commands that prepare the shell before the reader types, by section. */
const SETUPS: Readonly<Record<string, string>> = {
  "Nothing arrives": rule(2),
  "Starting": "",
  // Deno finds the project by itself where the reader is.
  "Permissions and capabilities": `deno() {
  local words=("\${@:2}")
  command deno "$1" --quiet --no-prompt --config "$ROOT/deno.json" "\${words[@]/#main.ts/$ROOT/main.ts}"
}
`,
  "Groups that another process holds": `nfscribe run --group 1 --pcap first.pcap 2> first.log &
sleep 60 | deno run --quiet --allow-all --config "$ROOT/deno.json" "$ROOT/tests/kernel/hold.ts" 3 > hold.log &
until grep -q started first.log && grep -q bound hold.log; do sleep 0.05; done
`,
  "Configuration": `printf '[output.pcap]\\npath = trace.pcap\\n' > words.toml
`,
  "Filters": `echo 'export default () => "pcpa";' > name.ts
echo 'export default () => { throw new Error("bad luck"); };' > throws.ts
echo 'export default () => { for (;;); };' > loops.ts
cat > loops.toml <<'END'
[[source]]
type = "pcap"
path = "trace.pcap"
[filter]
script = "loops.ts"
timeout_ms = 100
[output.pcap]
path = "out.pcap"
END
`,
  "Files and disks": `mkdir folder
cp trace.pcap torn.pcap
printf 1234567 >> torn.pcap
mkdir --mode=1777 shared
ln -s ../trace.pcap shared/link.pcap
nfscribe run --group 1 --pcap busy.pcap 2> busy.log &
until grep -q started busy.log; do sleep 0.05; done
`,
  "Databases": "",
  "Loss and slowness": rule(1) + `cat > nfscribe.toml <<'END'
[[source]]
type = "nflog"
group = 1
buffer_size = 4096
[output.pcap]
path = "out.pcap"
[log]
file = "nfscribe.log"
END
sed -e 's/4096/1073610752/' -e 's/out.pcap/large.pcap/' -e '/^.log/,$d' nfscribe.toml > large.toml
nfscribe run -c nfscribe.toml &
until grep -q started nfscribe.log; do sleep 0.05; done
kill -STOP %1
for i in $(seq 5000); do echo x > /dev/udp/127.0.0.1/9; done
kill -CONT %1
until grep -q 'Packets are lost' nfscribe.log; do
  echo x > /dev/udp/127.0.0.1/9
  sleep 0.05
done
`,
  "Services": `cat > nfscribe.toml <<'END'
[[source]]
type = "nflog"
group = 1
[output.pcap]
path = "out.pcap"
[log]
file = "nfscribe.log"
[stats]
metrics = "0.0.0.0:9477"
END
NOTIFY_SOCKET=/run/gone nfscribe run -c nfscribe.toml &
until grep -q 'service manager' nfscribe.log && grep -q started nfscribe.log; do sleep 0.05; done
`,
};

/** Types the commands of a section; returns the quoted messages that no command printed. */
async function follow(heading: string): Promise<string[]> {
  await using folder = await temporaryFolder();
  for (const format of ["pcap", "pcapng"] as const) {
    await using file = await pcapFile(`${folder.path}/trace.${format}`, { format });
    for (let count = 0; count < 3; count++) await file.write(packet());
  }
  await using shell = await Shell.start(folder.path, {});
  const type = async (text: string) => {
    const { failure, said } = await shell.type(text, DEADLINE_MS);
    if (failure !== undefined) throw new Error(`${failure}: ${text}\n${said()}`);
    return said();
  };
  await type(ONE_PROCESS + SETUPS[heading]);
  const failures: string[] = [];
  for (const block of BOOK.blocks.filter((block) => block.heading === heading)) {
    if (block.file !== undefined) {
      await Deno.writeTextFile(`${folder.path}/${block.file}`, block.text);
    }
    if (block.language === "sh") await type(block.text);
    for (const { command, messages } of consoleOf(block)) {
      if (command === undefined) continue;
      const printed = await type(`{ ${command}\n} || true`);
      failures.push(
        ...missing(messages, printed).map((message) => `$ ${command}\n${message}\n${printed}`),
      );
    }
  }
  return failures;
}

function consoleOf({ language, text }: Block) {
  return language === "console" ? samplesOf(text) : [];
}

for (const heading of Object.keys(SETUPS)) {
  Deno.test(
    `${DOCUMENT}, "${heading}": commands say what it quotes, and its remedies help (needs root, nft, setpriv and user namespaces)`,
    { ignore: !CAN },
    async () => assertEquals(await follow(heading), []),
  );
}

Deno.test(`${DOCUMENT}: each message that it quotes without a command is one of nfscribe's`, async () => {
  const texts = await readTexts();
  const quoted = BOOK.blocks.flatMap(consoleOf).filter(({ command }) => command === undefined)
    .flatMap(({ messages }) => messages);
  assertEquals(quoted.filter((message) => unsaid(message, texts).length > 0), []);
  assertEquals(unsaid("Cannot make coffee: …", texts), ["Cannot make coffee"]);
});

Deno.test(`${DOCUMENT}: every section is followed`, () => {
  const sections = new Set(BOOK.blocks.map(({ heading }) => heading));
  assertEquals([...sections], Object.keys(SETUPS));
  const files = BOOK.blocks.filter(({ language }) => language === "toml" || language === "ts");
  assertEquals(files.filter(({ file }) => file === undefined), []);
});

Deno.test(`${DOCUMENT}: what it refers to is there`, async () => {
  const text = await Deno.readTextFile(ROOT + DOCUMENT);
  for (const [, file] of text.matchAll(/\]\((\w+\.md)\)/g)) await Deno.stat(`${ROOT}docs/${file}`);
});
