/**
 * The pages that one looks things up in: what they tell to type is typed; a command
 * that takes a whole machine (`console`) is at least one that there is, with options
 * that it has. tests/install has what installs, and tests/postgres the SQL.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/toml/parse";
import { pcapFile } from "nfscribe";
import { packet } from "nfscribe/testing";
import { parseOptions } from "../../src/cli/command.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { checkConfig } from "../../src/config/config.ts";
import { canRun, hasProgram, ROOT, temporaryFolder } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Book, type Walk } from "./book.ts";
import { samplesOf } from "./messages.ts";
import { CHECKOUT, IS_ROOT, NFTABLES, OWN_SYSTEM } from "./stand_ins.ts";

const PAGES = [
  "README.md",
  "docs/configuration.md",
  "docs/expressions.md",
  "docs/filters.md",
  "docs/flows.md",
  "docs/installation.md",
  "docs/monitoring.md",
  "docs/security.md",
  "docs/systemd.md",
  "docs/web.md",
];
const BOOKS: readonly (readonly [string, Book])[] = await Promise.all(
  PAGES.map(async (page) => [page, await Book.read(page)] as const),
);
const HAS_MOUNTS = canRun("unshare", "--mount", "sh", "-ec", OWN_SYSTEM);

/** Writes three packets: of a mail program, of ssh with its rule's prefix, and of a browser. */
async function writeTrace(path: string): Promise<void> {
  await using file = await pcapFile(path, { linkType: "nflog" });
  for (const [destinationPort, prefix] of [[143], [22, "ssh in"], [443]] as const) {
    const told = prefix === undefined ? {} : { prefix };
    await file.write(packet({ ...told, tcp: { destinationPort, flags: "SYN" } }));
  }
}

function walks(page: string, needs: Record<string, boolean>, walk: Walk = {}): void {
  Deno.test({
    name: `${page}: its commands run (needs root, ${Object.keys(needs).join(", ")})`,
    ignore: !IS_ROOT || Object.values(needs).includes(false),
    fn: async () => {
      await using folder = await temporaryFolder();
      await writeTrace(`${folder.path}/trace.pcap`);
      const book = await Book.read(page);
      const setup = `cp "$TRACE" trace.pcap\n${walk.setup ?? ""}`;
      await book.walk({ ...walk, setup, env: { TRACE: `${folder.path}/trace.pcap` } });
    },
  });
}

walks("docs/filters.md", { nft: HAS_NFT }, { setup: CHECKOUT });
walks("docs/expressions.md", {}, { setup: CHECKOUT });

walks("docs/flows.md", { nft: HAS_NFT, conntrack: hasProgram("conntrack") });

walks("docs/counters.md", { nft: HAS_NFT });

walks("docs/configuration.md", { gzip: hasProgram("gzip") }, {
  setup: `
gzip -c trace.pcap > trace.pcap.2.gz
cp trace.pcap trace.pcap.1
echo 'export default () => "pcap";' > filter.ts
ssh() { [ "$*" = "gate tcpdump -U -w -" ] && cat trace.pcap; }
`,
});

walks("docs/monitoring.md", { mounts: HAS_MOUNTS, nft: HAS_NFT, curl: hasProgram("curl") }, {
  setup: OWN_SYSTEM + NFTABLES,
});

walks("docs/web.md", { nft: HAS_NFT, curl: hasProgram("curl") });

walks("docs/security.md", { mounts: HAS_MOUNTS, useradd: hasProgram("useradd") }, {
  // The user may be there already.
  setup: `${OWN_SYSTEM}\nuserdel nfscribe || true\n`,
});

walks("docs/systemd.md", { mounts: HAS_MOUNTS }, {
  setup: `${OWN_SYSTEM}
mkdir -p /var/log/nfscribe /run/nfscribe
`,
});

for (const [page, { blocks }] of BOOKS) {
  Deno.test(`${page}: each command that no test types is one that there is`, async () => {
    const commands = await allCommands();
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
    for (const { text, language, line } of blocks) {
      if (language !== "console") continue;
      for (const typed of samplesOf(text).flatMap(({ command }) => command ?? [])) {
        const [program, ...args] = typed.replace(/ +#.*/, "").replace(/^sudo /, "").split(" ");
        const place = `${page}:${line}: ${typed}`;
        if (program === "nfscribe" || program === "scripts/nfscribe") {
          const command = commands.find(({ name }) => name === args[0]);
          assert(command !== undefined, place);
          parseOptions(command, args.slice(1));
        } else if (program!.startsWith("scripts/")) {
          assert((await Deno.stat(ROOT + program)).isFile, place);
        } else if (program === "deno" && args[0] === "task") {
          assert(Object.hasOwn(tasks, args[1]!), place);
        }
      }
    }
  });

  Deno.test(`${page}: each block of TOML is right, and code is in fenced blocks`, async () => {
    for (const { text, language, line } of blocks) {
      if (language === "toml") checkConfig(completed(parse(text)), `${page}:${line}`);
    }
    const prose = (await Deno.readTextFile(ROOT + page)).replaceAll(/^( *)```[^]*?^\1```$/gm, "");
    assertEquals(prose.match(/^\n {4}\S.*/gm), null);
  });
}

/** Completes a part of a configuration. */
function completed(part: Record<string, unknown>): Record<string, unknown> {
  return {
    source: [{ type: "nflog", group: 1 }],
    output: { pcap: { path: "trace.pcap" } },
    ...part,
  };
}
