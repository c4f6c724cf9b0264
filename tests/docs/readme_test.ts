import { canRun, HAS_TCPDUMP } from "../system/process.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { Book } from "./book.ts";
import { CHECKOUT, IS_ROOT } from "./stand_ins.ts";

Deno.test({
  name:
    "README.md, as it stands there: the demo, the filter, the program (needs root, nft, tcpdump)",
  ignore: !IS_ROOT || !HAS_NFT || !HAS_TCPDUMP || !canRun("ping", "-V"),
  fn: async () => {
    const book = await Book.read("README.md");
    await book.walk({ setup: CHECKOUT });
  },
});
