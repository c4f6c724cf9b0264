// Reaches Node through names of CommonJS and of the loader.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "require": async () => {
    return require("node:fs");
  },
  "require.extensions": async () => {
    const m = {};
    require.extensions[".mjs"](m, "/x.mjs", "import x from 'node:fs'; export default x;", true);
    return m.exports.default;
  },
  "module": async () => {
    return module.constructor._load("fs");
  },
  "global require": async () => {
    return globalThis.require("fs");
  },
  "process.binding": async () => {
    return process.binding("fs");
  },
  "process.getBuiltinModule": async () => {
    return globalThis.process.getBuiltinModule("fs");
  },
  "Deno.core": async () => {
    return Deno.core ?? Deno[Deno.internal]?.core;
  },
  "internal symbol": async () => {
    for (const key of Object.getOwnPropertySymbols(Deno)) return String(key) + typeof Deno[key];
  },
  "bootstrap": async () => {
    return globalThis.bootstrap ?? globalThis.__bootstrap ?? globalThis.nodeBootstrap ??
      globalThis.Deno.bootstrap;
  },
  "seal": async () => {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (name.startsWith("nfscribe")) return name;
    }
  },
  "import.meta.require": async () => {
    return import.meta.require?.("fs");
  },
  "Buffer": async () => {
    return Buffer.constructor("return process")().mainModule.require("fs");
  },
  "global": async () => {
    return global.process;
  },
};
export default filterOf(attempts);
