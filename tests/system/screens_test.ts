import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { textWidth } from "../../src/terminal/width.ts";
import { atHome, canRun, hasProgram, must, ROOT, temporaryFolder } from "./process.ts";

const SCREENS = `${ROOT}docs/screens`;
const CAN_MAKE = hasProgram("tmux") && hasProgram("nft") &&
  canRun(`${ROOT}scripts/in_namespace`, "unshare", "--mount", "true");

/** Returns the screens of terminals in a folder, by name and columns. */
function screensIn(folder: string): Map<string, string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".txt"));
  return new Map(names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]));
}

/** Asserts that no line of a screen is wider than its terminal. */
function assertFits(name: string, text: string): void {
  const columns = Number(/-(80|120)\.txt$/.exec(name)?.[1]);
  for (const line of text.split("\n")) assert(textWidth(line) <= columns, `${name}: ${line}`);
}

Deno.test("Every screen in docs/screens exists for 80 and 120 columns, and fits", () => {
  const screens = screensIn(SCREENS);
  assert(screens.size > 0);
  for (const [name, text] of screens) {
    assertFits(name, text);
    const other = name.replace(/80|120/, (columns) => columns === "80" ? "120" : "80");
    assert(screens.has(other), other);
    assert(!text.includes(ROOT), `${name} tells where it was made`);
  }
});

Deno.test({
  name: "scripts/screens makes screens anew (needs tmux, nft, a network namespace)",
  ignore: !CAN_MAKE,
  fn: async () => {
    await using folder = await temporaryFolder();
    const names = ["watch", "watch-stats", "error-group"];
    await using home = await temporaryFolder();
    const command = [`${ROOT}scripts/screens`, "--to", folder.path, ...names];
    await must([...await atHome(home.path), ...command]);
    assertEquals([...Deno.readDirSync(home.path)], [], "no history, no settings of shells");
    const screens = screensIn(folder.path);
    assertEquals(
      [...screens.keys()].sort(),
      names.flatMap((name) => [`${name}-120.txt`, `${name}-80.txt`]).sort(),
    );
    for (const [name, text] of screens) assertFits(name, text);
    assertStringIncludes(screens.get("watch-80.txt")!, "nfscribe: received 12, shown 12, lost 0\n");
    assertStringIncludes(screens.get("watch-stats-120.txt")!, "\nudp/53 ");
    assertStringIncludes(screens.get("error-group-80.txt")!, "another process holds it");
  },
});
