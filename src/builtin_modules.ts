/**
 * Modules of Node that few runs need. Each takes Deno 15 to 20 ms and 10 to 12 MB to load, so they
 * are loaded when they are first used.
 */

/** Returns `node:fs`. */
export function nodeFs(): typeof import("node:fs") {
  return builtin("node:fs");
}

/** Returns `node:zlib`. */
export function nodeZlib(): typeof import("node:zlib") {
  return builtin("node:zlib");
}

function builtin<Module>(name: string): Module {
  // An import of `node:process` would load most of what this is to spare.
  return globalThis.process.getBuiltinModule(name) as Module;
}
