/**
 * Copies constants into the pieces of a bundle that import them. V8 loads and checks what a module
 * imports at each use; a constant of the module's own becomes part of the machine code.
 *
 * @module
 */

/** A constant, as the bundler writes it. */
const CONSTANT = /^var ([A-Z][A-Z\d_]*) = (-?\d+);$/gm;
/** Names that a piece imports from another one, and those that it exports. */
const IMPORT = /^import \{([^}]*)\} from "\.\/([\w.-]+)";$/gm;
const EXPORT = /^export \{([^}]*)\};$/gm;
/** A piece that only others of the bundle import, by names. */
const SHARED = /^chunk-\d+\.js$/;
/** Operators of an assignment; `==`, `<=` and `=>` are none. */
const ASSIGNMENT = String.raw`(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*/%&|^])?=(?![=>])|\+\+|--`;

/** Values by names. */
type Constants = ReadonlyMap<string, string>;

/**
 * Returns a bundle's files with a copy of each constant where it is used.
 *
 * @param files Texts by the files' names.
 */
export function withOwnConstants(files: ReadonlyMap<string, string>): Map<string, string> {
  const constants = new Map([...files].map(([file, text]) => [file, constantsOf(text)]));
  const shared = new Map(
    [...files].filter(([file]) => SHARED.test(file))
      .map(([file, text]) => [file, exportedOf(text, constants.get(file)!)]),
  );
  return new Map([...files].map(([file, text]) => {
    const own = constants.get(file)!;
    const changed = text
      .replaceAll(IMPORT, (line, names, from) => copied(line, names, from, shared.get(from)))
      .replaceAll(CONSTANT, (line, name) => own.has(name) ? line.replace("var", "const") : line)
      .replaceAll(EXPORT, (_, names) => `export {${without(namesIn(names), shared.get(file))}};`);
    return [file, changed];
  }));
}

/** Returns a file's constants. */
function constantsOf(text: string): Constants {
  const found = [...text.matchAll(CONSTANT)].map(([, name, value]) => [name!, value!] as const);
  return new Map(found.filter(([name]) => !isVariable(text, name)));
}

/** Returns those constants of a piece that it exports by their own names. */
function exportedOf(text: string, constants: Constants): Constants {
  const exported = new Set([...text.matchAll(EXPORT)].flatMap(([, names]) => namesIn(names!)));
  return new Map([...constants].filter(([name]) => exported.has(name)));
}

/** Returns whether anything besides its declaration assigns to a name. */
function isVariable(text: string, name: string): boolean {
  const assigned = new RegExp(String.raw`\b${name}\s*(?:${ASSIGNMENT})|(?:\+\+|--)${name}\b`, "g");
  return [...text.matchAll(assigned)].length > 1;
}

/** Returns an import without constants, and copies of these. */
function copied(line: string, list: string, from: string, constants?: Constants): string {
  const names = namesIn(list).map((name) => name.split(" as ") as [theirs: string, ours?: string]);
  const copies = names.flatMap(([theirs, ours = theirs]) => {
    const value = constants?.get(theirs);
    return value === undefined ? [] : `const ${ours} = ${value};`;
  });
  if (copies.length === 0) return line;
  const others = without(namesIn(list), constants);
  return [`import {${others}} from "./${from}";`, ...copies].join("\n");
}

/** Returns a list of names without those of constants. */
function without(names: readonly string[], constants?: Constants): string {
  const others = names.filter((name) => !constants?.has(name.split(" as ")[0]!));
  return others.map((name) => `\n  ${name}`).join(",") + "\n";
}

function namesIn(list: string): string[] {
  return list.split(",").map((name) => name.trim()).filter((name) => name !== "");
}
