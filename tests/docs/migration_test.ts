import { canRun } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Book } from "./book.ts";
import { IS_ROOT } from "./stand_ins.ts";

Deno.test({
  name: "docs/migration.md, as it stands there (needs root, nft and iptables)",
  ignore: !IS_ROOT || !HAS_NFT || !canRun("iptables", "-S"),
  fn: async () => {
    const book = await Book.read("docs/migration.md");
    // What the reader has when the page begins: iptables-nft with a rule that logs.
    await book.walk({
      setup: `iptables -A INPUT -p udp --dport 53 -j LOG --log-prefix "dns "`,
    });
  },
});
