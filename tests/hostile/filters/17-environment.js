// Reads the environment, the machine and the arguments of its process.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "env": async () => {
    return Deno.env.get("NFSCRIBE_CANARY");
  },
  "all of it": async () => {
    return JSON.stringify(Deno.env.toObject());
  },
  "set": async () => {
    Deno.env.set("A", "b");
    return "set";
  },
  "hostname": async () => {
    return Deno.hostname();
  },
  "osRelease": async () => {
    return Deno.osRelease();
  },
  "uid": async () => {
    return Deno.uid();
  },
  "networkInterfaces": async () => {
    return Deno.networkInterfaces();
  },
  "loadavg": async () => {
    return Deno.loadavg();
  },
  "systemMemoryInfo": async () => {
    return Deno.systemMemoryInfo();
  },
  "args": async () => {
    return Deno.args.length > 0 ? Deno.args : undefined;
  },
  "permissions": async () => {
    return await Deno.permissions.request({ name: "read" });
  },
  "navigator.permissions": async () => {
    return await navigator.permissions?.query({ name: "read" });
  },
  "gpu": async () => {
    return await navigator.gpu?.requestAdapter();
  },
  "gpu by prototype": async () => {
    const d = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(navigator), "gpu");
    const g = d?.get.call(navigator);
    const a = await g?.requestAdapter();
    return a ?? undefined;
  },
  "prompt": async () => {
    return prompt("x");
  },
  "confirm": async () => {
    return confirm("x");
  },
  "alert": async () => {
    alert("x");
    return "told";
  },
};
export default filterOf(attempts);
