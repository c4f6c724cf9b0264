/**
 * The import rules of ARCHITECTURE.md, over a graph of modules.
 *
 * @module
 */

/** One module of the project. */
export interface Module {
  /** Its path from the project's root. */
  path: string;
  text: string;
  /** Paths of the project's modules that run when it is imported. */
  imports: string[];
  /** Paths of the project's modules that it takes types from only. */
  typeImports: string[];
}

/** The floors, from the ground up; a room is a folder or a file. */
const FLOORS: readonly (readonly string[])[] = [
  [
    "src/errors.ts",
    "src/definition.ts",
    "src/finding.ts",
    "src/permission.ts",
    "src/version.ts",
    "src/threads.ts",
    "src/builtin_modules.ts",
    "src/bytes/",
  ],
  ["src/text/"],
  ["ffi/"],
  ["src/schema.ts", "src/files/", "src/terminal/"],
  ["src/packet/", "src/access_reader.ts", "src/tls_options.ts"],
  ["src/flow/", "src/counter/"],
  ["src/netlink/", "src/filter/", "src/record/"],
  ["src/pcap/", "src/buffer/", "src/import/", "src/nats/"],
  ["src/source/", "src/output/"],
  ["src/config/", "src/handover/"],
  ["src/log/", "src/systemd/", "src/privileges/", "src/sandbox/"],
  ["src/live_records.ts"],
  [
    "src/daemon/",
    "src/capture.ts",
    "src/conntrack.ts",
    "src/accounting.ts",
    "src/fixtures/",
    "src/standalone.ts",
  ],
  ["src/doctor/"],
  ["src/web/"],
  ["src/cli/"],
  ["mod.ts", "packet.ts", "pcap.ts", "logemu.ts", "testing.ts", "main.ts"],
];

/** Code that parses hostile bytes, or runs beside the user's: it holds no right at all. */
const PURE =
  /^src\/(bytes|text|packet|flow|counter|record|netlink|pcap|filter|import|nats\/format|output\/table|web\/(page|copy|dissect|advice))\/|^src\/sandbox\/(?!entry\/)|\/(decoders?|encoders?)\.ts$/;
/** Code that holds rights. */
const PRIVILEGED =
  /^(ffi|src\/(files|privileges|systemd|handover|daemon|sandbox\/entry))\/|(^|[/_])(readers?|writers?)\.ts$|^src\/(output|source)\/(\w+\/(output|source)|outputs|sources)\.ts$/;
/** The only code besides ffi/ itself that may reach the C library. */
const MAY_USE_FFI =
  /^(ffi|src\/(privileges|systemd|handover|daemon\/pool|sandbox\/entry))\/|(^|[/_])reader\.ts$|^src\/source\/libc_need\.ts$|^src\/output\/remote\/datagram_writer\.ts$/;
/** The web page, which runs in a browser. */
const PAGE = /^src\/web\/page\//;
/** Code that the page may take besides its own: pure, and without packages of Deno's side. */
const IN_BROWSER =
  /^src\/(errors\.ts$|(bytes|text|packet|flow|counter|filter|web\/(page|copy|dissect))\/)/;
/** Entries of what a sandbox loads. */
const IN_SANDBOX = /^src\/(output\/encoders|source\/decoders|sandbox\/entry\/main)\.ts$/;
/** Calls that only ffi/ may make. */
const FFI_WORDS = /\bDeno\s*\.\s*(dlopen|Unsafe\w+)/;

/**
 * Checks the rules.
 *
 * @param modules Every module of the project that ships.
 * @returns What is broken, a line each; empty if all is well.
 */
export function violations(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  return [
    ...modules.flatMap(checkWords),
    ...modules.flatMap(checkFfi),
    ...modules.flatMap(checkFloors),
    ...modules.flatMap((module) => checkPurity(module, byPath)),
    ...modules.flatMap((module) => checkPackages(module, byPath)),
    ...modules.flatMap((module) => checkPage(module, byPath)),
    ...cycles(modules, byPath),
  ];
}

function checkWords({ path, text }: Module): string[] {
  const found = FFI_WORDS.exec(withoutComments(text));
  return found === null || path.startsWith("ffi/")
    ? []
    : [`${path}: ${found[0]} belongs into ffi/`];
}

function checkFfi({ path, imports, typeImports }: Module): string[] {
  if (MAY_USE_FFI.test(path)) return [];
  return [...imports, ...typeImports].filter((other) => other.startsWith("ffi/"))
    .map((other) =>
      `${path}: imports ${other}; only readers, privileges, systemd, handover and both sides of a sandbox reach ffi/`
    );
}

function checkFloors({ path, imports, typeImports }: Module): string[] {
  const from = roomOf(path);
  if (from === undefined) {
    return [`${path}: stands on no floor; see FLOORS in scripts/import_rules.ts`];
  }
  return [...imports, ...typeImports].flatMap((other) => {
    const to = roomOf(other);
    if (to === undefined || to.room === from.room || to.floor < from.floor) return [];
    return [`${path}: imports ${other}; imports stay in their room or go down`];
  });
}

function checkPurity(module: Module, byPath: ReadonlyMap<string, Module>): string[] {
  if (!PURE.test(module.path)) return [];
  return [...reachable(module.path, byPath)].filter((other) => PRIVILEGED.test(other))
    .map((other) => `${module.path}: is pure, and reaches ${other}`);
}

/**
 * Checks what a sandbox loads: packages are out of reach of the user that root's nfscribe becomes, and
 * `schema.ts` takes some.
 */
function checkPackages(module: Module, byPath: ReadonlyMap<string, Module>): string[] {
  if (!IN_SANDBOX.test(module.path)) return [];
  return reachable(module.path, byPath).has("src/schema.ts")
    ? [`${module.path}: is loaded by sandboxes, and reaches src/schema.ts, which takes packages`]
    : [];
}

/** Checks that the page takes nothing that no browser has, and that nothing takes the page. */
function checkPage(module: Module, byPath: ReadonlyMap<string, Module>): string[] {
  const { path, imports, typeImports } = module;
  if (PAGE.test(path)) {
    return [...reachable(path, byPath)].filter((other) => !IN_BROWSER.test(other))
      .map((other) => `${path}: runs in browsers, and reaches ${other}`);
  }
  return [...imports, ...typeImports].filter((other) => PAGE.test(other))
    .map((other) => `${path}: imports ${other}, which runs in browsers`);
}

function cycles(modules: readonly Module[], byPath: ReadonlyMap<string, Module>): string[] {
  return modules.filter(({ path }) => reachable(path, byPath, true).has(path))
    .map(({ path }) => `${path}: imports itself through others`);
}

/** Returns the modules that run when one is imported, or that it takes types from, too; itself only if it is in a cycle. */
function reachable(
  path: string,
  byPath: ReadonlyMap<string, Module>,
  withTypes = false,
): Set<string> {
  const found = new Set<string>();
  const next = [path];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    const { imports = [], typeImports = [] } = byPath.get(at) ?? {};
    for (const other of withTypes ? [...imports, ...typeImports] : imports) {
      if (found.has(other)) continue;
      found.add(other);
      next.push(other);
    }
  }
  return found;
}

function roomOf(path: string): { floor: number; room: string } | undefined {
  for (const [floor, rooms] of FLOORS.entries()) {
    const room = rooms.find((room) => room.endsWith("/") ? path.startsWith(room) : path === room);
    if (room !== undefined) return { floor, room };
  }
  return undefined;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*/gs, "");
}
