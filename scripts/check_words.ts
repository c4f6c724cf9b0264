/**
 * Refuses words in comments, messages and test names that are not plain technical
 * English: `check_words.ts [PATH…]`; without paths the whole project is checked.
 *
 * @module
 */

import { ROOT, sourceFiles } from "./source_files.ts";
import { refusedWords } from "./word_rules.ts";

/** Names of files that are checked. */
const SOURCE = /\.[jt]sx?$/;
/** Folders of the project with such files. */
const FOLDERS = ["examples", "ffi", "packaging", "scripts", "src", "tests", "types"];
/** Files that contain the refused words as data, or that are made from others. */
const EXCEPT = [
  "scripts/word_rules.ts",
  "src/web/document/page.js",
  "tests/scripts/word_rules_test.ts",
];

const ownFiles = [...Deno.readDirSync(ROOT)].map(({ name }) => name)
  .filter((name) => SOURCE.test(name));
const paths = (Deno.args.length > 0 ? Deno.args : [...ownFiles, ...FOLDERS])
  .flatMap((path) =>
    SOURCE.test(path) ? [path] : [...sourceFiles(`${path.replace(/\/$/, "")}/`, SOURCE)]
  )
  .filter((path) => !EXCEPT.includes(path));

let count = 0;
for (const path of paths) {
  for (const { line, word } of refusedWords(await Deno.readTextFile(new URL(path, ROOT)))) {
    console.error(`${path}:${line}: "${word}": write it in the field's words`);
    count++;
  }
}
console.log(`${paths.length} files, ${count} refused words`);
if (count > 0) Deno.exit(1);
