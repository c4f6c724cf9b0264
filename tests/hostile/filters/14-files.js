// Reads and writes the canary by each function for files.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "readTextFile": async () => {
    return await Deno.readTextFile("{{secret}}");
  },
  "readTextFileSync": async () => {
    return Deno.readTextFileSync("{{secret}}");
  },
  "open": async () => {
    return await Deno.open("{{secret}}");
  },
  "writeTextFile": async () => {
    await Deno.writeTextFile("{{secret}}", "x");
    return "written";
  },
  "remove": async () => {
    Deno.removeSync("{{secret}}");
    return "removed";
  },
  "rename": async () => {
    Deno.renameSync("{{secret}}", "{{secret}}2");
    return "renamed";
  },
  "copyFile": async () => {
    Deno.copyFileSync("{{secret}}", "/tmp/nfscribe-stolen");
    return "copied";
  },
  "symlink": async () => {
    Deno.symlinkSync("{{secret}}", "/tmp/nfscribe-link");
    return "linked";
  },
  "truncate": async () => {
    Deno.truncateSync("{{secret}}");
    return "cut";
  },
  "chmod": async () => {
    Deno.chmodSync("{{secret}}", 0);
    return "changed";
  },
  "stat": async () => {
    return Deno.statSync("{{secret}}").size;
  },
  "realPath": async () => {
    return Deno.realPathSync("{{secret}}");
  },
  "readDir": async () => {
    return [...Deno.readDirSync("/")].length;
  },
  "makeTempFile": async () => {
    return Deno.makeTempFileSync();
  },
  "fetch file": async () => {
    return await (await fetch("file://{{secret}}")).text();
  },
  "fetch own file": async () => {
    return await (await fetch(import.meta.url)).text();
  },
  "cwd": async () => {
    return Deno.cwd();
  },
  "execPath": async () => {
    return Deno.execPath();
  },
  "proc": async () => {
    return Deno.readTextFileSync("/proc/self/environ");
  },
  "maps": async () => {
    return Deno.readTextFileSync("/proc/self/maps");
  },
  "FsFile": async () => {
    return Reflect.construct(Deno.FsFile, [4]);
  },
  "watchFs": async () => {
    return Deno.watchFs("/");
  },
  "localStorage": async () => {
    localStorage.setItem("a", "b");
    return "stored";
  },
  "sessionStorage": async () => {
    const before = sessionStorage.length;
    sessionStorage.setItem("a", "x".repeat(1e6));
    return undefined;
  },
  "caches": async () => {
    return await caches.open("x");
  },
  "openKv": async () => {
    return await Deno.openKv("/tmp/nfscribe-kv");
  },
  "import.meta": async () => {
    return import.meta.dirname === undefined
      ? undefined
      : Deno.readDirSync(import.meta.dirname).next().value;
  },
};
export default filterOf(attempts);
