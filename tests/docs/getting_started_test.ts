import { canRun, HAS_TCPDUMP, hasProgram } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Book, type Walk } from "./book.ts";
import { CONTAINER, FIREWALLD, IS_ROOT, NFTABLES, OWN_SYSTEM, UFW } from "./stand_ins.ts";

const firstSteps = await Book.read("docs/getting-started.md");
const firewalls = await Book.read("docs/firewalls.md");

/** Whether folders of the system can be covered, as root of a user namespace can, too. */
const HAS_MOUNTS = canRun("unshare", "--mount", "sh", "-ec", OWN_SYSTEM);
const HAS_IPTABLES = canRun("iptables", "-S");

/** Walks through sections, as root; `needs` tells what must be here. */
function walks(name: string, needs: Record<string, boolean>, walk: Walk, book = firewalls): void {
  const page = book === firewalls ? "docs/firewalls.md" : "docs/getting-started.md";
  Deno.test({
    name: `${page}, ${name} (needs root, ${Object.keys(needs).join(", ")})`,
    ignore: !IS_ROOT || Object.values(needs).includes(false),
    fn: () => book.walk(walk),
  });
}

walks("the first walk", { nft: HAS_NFT, iptables: HAS_IPTABLES, tcpdump: HAS_TCPDUMP }, {
  headings: [
    "Begin",
    "The rule",
    "Run",
    "Change the filter",
    "Stop",
    "Look on",
  ],
}, firstSteps);

walks("nftables", { mounts: HAS_MOUNTS, nft: HAS_NFT }, {
  headings: ["nftables"],
  setup: OWN_SYSTEM + NFTABLES,
});

walks("iptables", { mounts: HAS_MOUNTS, iptables: HAS_IPTABLES }, {
  headings: ["iptables"],
  setup: OWN_SYSTEM,
});

walks(
  "firewalld",
  { mounts: HAS_MOUNTS, nft: HAS_NFT, firewalld: hasProgram("firewall-offline-cmd") },
  { headings: ["firewalld"], setup: OWN_SYSTEM + FIREWALLD },
);

walks("ufw", { mounts: HAS_MOUNTS, iptables: HAS_IPTABLES, ufw: hasProgram("ufw") }, {
  headings: ["ufw"],
  setup: OWN_SYSTEM + UFW,
});

for (const name of ["Docker", "Kubernetes"]) {
  walks(name, { mounts: HAS_MOUNTS, nft: HAS_NFT, iptables: HAS_IPTABLES }, {
    headings: [name],
    setup: OWN_SYSTEM + CONTAINER,
  });
}
