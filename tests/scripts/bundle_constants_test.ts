import { assertEquals } from "@std/assert";
import { withOwnConstants } from "../../scripts/bundle_constants.ts";

/** Returns the files of a bundle, of which one imports from another. */
function bundled(piece: string, importer: string): [piece: string, importer: string] {
  const files = withOwnConstants(new Map([["chunk-1.js", piece], ["main.js", importer]]));
  return [files.get("chunk-1.js")!, files.get("main.js")!];
}

Deno.test("A constant is copied into the file that imports it", () => {
  const [piece, importer] = bundled(
    "var ABSENT = -1;\nfunction find() {}\nexport {\n  ABSENT,\n  find\n};\n",
    'import {\n  ABSENT as ABSENT2,\n  find\n} from "./chunk-1.js";\nfind(ABSENT2);\n',
  );
  assertEquals(piece, "const ABSENT = -1;\nfunction find() {}\nexport {\n  find\n};\n");
  assertEquals(
    importer,
    'import {\n  find\n} from "./chunk-1.js";\nconst ABSENT2 = -1;\nfind(ABSENT2);\n',
  );
});

Deno.test("A name that is assigned again stays a variable", () => {
  for (const change of ["COUNT = 2;", "COUNT += 1;", "COUNT++;", "--COUNT;", "COUNT ??= 1;"]) {
    const piece = `var COUNT = 1;\nfunction grow() { ${change} }\nexport {\n  COUNT,\n  grow\n};\n`;
    const importer = 'import {\n  COUNT,\n  grow\n} from "./chunk-1.js";\n';
    assertEquals(bundled(piece, importer), [piece, importer]);
  }
});

Deno.test("A comparison assigns nothing", () => {
  const [piece] = bundled("var MOST = 8;\nif (n >= MOST || MOST <= n || MOST === n);\n", "");
  assertEquals(piece, "const MOST = 8;\nif (n >= MOST || MOST <= n || MOST === n);\n");
});

Deno.test("What a program imports from a bundle's entry stays exported", () => {
  const [, entry] = bundled(
    "var ABSENT = -1;\nexport {\n  ABSENT\n};\n",
    'import {\n  ABSENT\n} from "./chunk-1.js";\nvar MOST = 8;\nexport {\n  ABSENT,\n  MOST\n};\n',
  );
  assertEquals(
    entry,
    'import {\n} from "./chunk-1.js";\nconst ABSENT = -1;\nconst MOST = 8;\n' +
      "export {\n  ABSENT,\n  MOST\n};\n",
  );
});
