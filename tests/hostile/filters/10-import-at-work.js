// Imports modules while it works, by each kind of address.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "node:fs": async () => {
    return Object.keys(await import(String("node:fs"))).length;
  },
  "fs": async () => {
    return Object.keys(await import(String("fs"))).length;
  },
  "node:child_process": async () => {
    return Object.keys(await import(String("node:child_process"))).length;
  },
  "node:worker_threads": async () => {
    return Object.keys(await import(String("node:worker_threads"))).length;
  },
  "node:process": async () => {
    return Object.keys(await import(String("node:process"))).length;
  },
  "node:module": async () => {
    return Object.keys(await import(String("node:module"))).length;
  },
  "node:vm": async () => {
    return Object.keys(await import(String("node:vm"))).length;
  },
  "node:v8": async () => {
    return Object.keys(await import(String("node:v8"))).length;
  },
  "node:inspector": async () => {
    return Object.keys(await import(String("node:inspector"))).length;
  },
  "node:os": async () => {
    return Object.keys(await import(String("node:os"))).length;
  },
  "node:net": async () => {
    return Object.keys(await import(String("node:net"))).length;
  },
  "node:sqlite": async () => {
    return Object.keys(await import(String("node:sqlite"))).length;
  },
  "node:test": async () => {
    return Object.keys(await import(String("node:test"))).length;
  },
  "node:ffi": async () => {
    return Object.keys(await import(String("node:ffi"))).length;
  },
  "data:text/javascript,export default 1": async () => {
    return Object.keys(await import(String("data:text/javascript,export default 1"))).length;
  },
  "https://127.0.0.1/x.js": async () => {
    return Object.keys(await import(String("https://127.0.0.1/x.js"))).length;
  },
  "http://127.0.0.1:{{port}}/x.js": async () => {
    return Object.keys(await import(String("http://127.0.0.1:{{port}}/x.js"))).length;
  },
  "npm:left-pad": async () => {
    return Object.keys(await import(String("npm:left-pad"))).length;
  },
  "jsr:@std/assert": async () => {
    return Object.keys(await import(String("jsr:@std/assert"))).length;
  },
  "file:///etc/hostname": async () => {
    return Object.keys(await import(String("file:///etc/hostname"))).length;
  },
  "./filter.js": async () => {
    return Object.keys(await import(String("./filter.js"))).length;
  },
  "{{root}}ffi/libc.ts": async () => {
    return Object.keys(await import(String("{{root}}ffi/libc.ts"))).length;
  },
  "nfscribe": async () => {
    return Object.keys(await import(String("nfscribe"))).length;
  },
  "ext:core/mod.js": async () => {
    return Object.keys(await import(String("ext:core/mod.js"))).length;
  },
  "internal:deno/x": async () => {
    return Object.keys(await import(String("internal:deno/x"))).length;
  },
};
export default filterOf(attempts);
