import { hasProgram } from "../system/process.ts";
import { Book } from "./book.ts";

const IS_MISSING = !hasProgram("nats-server") || !hasProgram("openssl");

Deno.test({
  name: "docs/fleet.md: what it tells to type works" +
    (IS_MISSING ? " (needs nats-server and openssl)" : ""),
  ignore: IS_MISSING,
  fn: async () => {
    const book = await Book.read("docs/fleet.md");
    await book.walk({ deadlineMs: 60_000 });
  },
});
