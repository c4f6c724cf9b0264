import { assertEquals } from "@std/assert";
import { ROOT } from "../system/process.ts";
import { Book } from "./book.ts";
import { difference } from "./difference.ts";

Deno.test("docs/demo.cast shows what README.md says that the demo prints, and no place of its making", async () => {
  const [header, ...lines] = (await Deno.readTextFile(`${ROOT}docs/demo.cast`)).trim().split("\n");
  assertEquals(JSON.parse(header!).version, 2);
  const text = lines.map((line) => JSON.parse(line)[2]).join("").replaceAll("\r\n", "\n");
  const { blocks } = await Book.read("README.md");
  const { prints } = blocks.find(({ text }) => text === "scripts/demo\n")!;
  const printed = text.slice(text.indexOf("\n") + 1).replace(/\$ $/, "");
  assertEquals(difference(prints!, printed), undefined);
  assertEquals(text.includes(ROOT) || text.includes(Deno.cwd()), false);
});
