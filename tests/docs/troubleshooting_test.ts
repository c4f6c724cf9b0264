import { assertEquals, assertGreater } from "@std/assert";
import { pcapFile } from "nfscribe";
import { packet } from "nfscribe/testing";
import { canRun, HAS_USER_NAMESPACES, ROOT, temporaryFolder } from "../system/process.ts";
import { isPrinted, readTexts, unsaid } from "./messages.ts";
import { Shell } from "./shell.ts";

const DOCUMENT = "docs/troubleshooting.md";
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

/** Cause of messages of a section. */
interface Cause {
  /** Commands that prepare the shell. */
  setup: string;
  /** Commands that each print one of the section's messages. */
  commands: readonly string[];
}

const CAUSES: Readonly<Record<string, Cause>> = {
  "Start and rights": {
    setup: `nfscribe run --group 1 --pcap first.pcap 2> first.log &
until grep -q started first.log; do sleep 0.05; done
printf '[output.pcap]\\npath = trace.pcap\\n' > words.toml
`,
    commands: [
      "nfscribe run --group 1 --pcap second.pcap",
      `command deno run --quiet --no-prompt --config "$ROOT/deno.json" "$ROOT/main.ts" run --group 2 --pcap new.pcap`,
      "unshare --user --map-root-user nfscribe run --group 2 --pcap new.pcap",
      "nfscribe check -c words.toml",
    ],
  },
  "Filters": {
    setup: `echo 'export default () => "pcpa";' > name.ts
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
    commands: [
      "nfscribe replay trace.pcap --pcap out.pcap --filter name.ts",
      "nfscribe replay trace.pcap --pcap out.pcap --filter throws.ts",
      "nfscribe run -c loops.toml",
    ],
  },
  "Files": {
    setup: `cp trace.pcap torn.pcap
printf 1234567 >> torn.pcap
`,
    commands: ["nfscribe replay trace.pcap --pcap torn.pcap"],
  },
  "Loss": {
    setup: `nft add table inet test
nft add chain inet test c '{ type filter hook input priority 0; }'
nft add rule inet test c udp dport 9 log group 1
cat > nfscribe.toml <<'END'
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
    commands: [
      "cat nfscribe.log",
      "setpriv --bounding-set=-net_admin --inh-caps=-net_admin nfscribe run -c large.toml",
    ],
  },
};

/** Messages of a section: code at the start of its list items. */
function messagesIn(section: string): string[] {
  return [...section.matchAll(/^- (`[^`]+`(?:,\s+`[^`]+`)*)/gm)]
    .flatMap(([, start]) => [...start!.matchAll(/`([^`]+)`/g)])
    .map(([, message]) => message!.replaceAll(/\s+/g, " "));
}

const SECTIONS = new Map(
  (await Deno.readTextFile(ROOT + DOCUMENT)).split(/^## /m).slice(1).map((section) => [
    section.slice(0, section.indexOf("\n")),
    messagesIn(section),
  ]),
);

/** Returns commands of a section that printed none of its messages. */
async function silentCommands(heading: string): Promise<string[]> {
  await using folder = await temporaryFolder();
  {
    await using file = await pcapFile(`${folder.path}/trace.pcap`);
    for (let count = 0; count < 3; count++) await file.write(packet());
  }
  await using shell = await Shell.start(folder.path, {});
  const type = async (text: string) => {
    const { failure, said } = await shell.type(text, DEADLINE_MS);
    if (failure !== undefined) throw new Error(`${failure}: ${text}\n${said()}`);
    return said();
  };
  const { setup, commands } = CAUSES[heading]!;
  await type(ONE_PROCESS + setup);
  const left = [...SECTIONS.get(heading)!];
  const silent: string[] = [];
  for (const command of commands) {
    const printed = await type(`{ ${command}\n} || true`);
    const at = left.findIndex((message) => isPrinted(message, printed));
    if (at === -1) silent.push(`$ ${command}\n${printed}`);
    else left.splice(at, 1);
  }
  return silent;
}

for (const heading of Object.keys(CAUSES)) {
  Deno.test(
    `${DOCUMENT}, "${heading}": nfscribe says what it quotes (needs root, nft, setpriv and user namespaces)`,
    { ignore: !CAN },
    async () => assertEquals(await silentCommands(heading), []),
  );
}

Deno.test(`${DOCUMENT}: each message that it quotes is one of nfscribe's`, async () => {
  const texts = await readTexts();
  const quoted = [...SECTIONS.values()].flat();
  assertGreater(quoted.length, 25);
  assertEquals(quoted.filter((message) => unsaid(message, texts).length > 0), []);
  assertEquals(unsaid("Cannot make coffee: …", texts), ["Cannot make coffee"]);
});
