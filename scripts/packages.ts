/**
 * Prints the npm packages that modules load, and those that these depend on, as `name/version`, a
 * line each. Reads documents of `deno info --json` from standard input, one a line.
 */

/** The parts of such a document that matter here. */
interface Info {
  modules: { npmPackage?: string }[];
  npmPackages: Record<string, { name: string; version: string; dependencies: string[] }>;
}

const found = new Set<string>();
const lines = (await new Response(Deno.stdin.readable).text()).split("\n");
for (const line of lines.filter((line) => line !== "")) {
  const { modules, npmPackages }: Info = JSON.parse(line);
  const ids = new Set(modules.map(({ npmPackage }) => npmPackage).filter((id) => id !== undefined));
  // A set passes on what is added while it is walked.
  for (const id of ids) {
    const { name, version, dependencies } = npmPackages[id]!;
    found.add(`${name}/${version}`);
    for (const dependency of dependencies) ids.add(dependency);
  }
}
console.log([...found].sort().join("\n"));
