// Imports Node by code that is made while it works.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "eval": async () => {
    return Object.keys(await eval("import('node:fs')"));
  },
  "indirect eval": async () => {
    return Object.keys(await (0, eval)("import('node:fs')"));
  },
  "Function": async () => {
    return Object.keys(await new Function("return import('node:fs')")());
  },
  "AsyncFunction": async () => {
    return Object.keys(await (async () => {}).constructor("return await import('node:fs')")());
  },
  "GeneratorFunction": async () => {
    return Object.keys(
      await (function* () {}).constructor("yield import('node:fs')")().next().value,
    );
  },
  "setTimeout of a text": async () => {
    return await new Promise((resolve, reject) => {
      globalThis.found = resolve;
      setTimeout("import('node:fs').then(found)", 1);
      setTimeout(reject, 50);
    });
  },
  "blob": async () => {
    return Object.keys(
      await import(
        URL.createObjectURL(new Blob(["export default 1"], { type: "text/javascript" }))
      ),
    );
  },
  "text": async () => {
    return (await import(String("/etc/hostname"), { with: { type: "text" } })).default;
  },
  "bytes": async () => {
    return (await import(String("/etc/hostname"), { with: { type: "bytes" } })).default;
  },
  "json": async () => {
    return (await import(String("{{root}}deno.json"), { with: { type: "json" } })).default;
  },
  "the canary": async () => {
    return (await import(String("{{secret}}"), { with: { type: "text" } })).default;
  },
};
export default filterOf(attempts);
