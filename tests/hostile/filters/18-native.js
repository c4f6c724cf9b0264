// Calls native code with pointers.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "dlopen": async () => {
    return Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } });
  },
  "dlopen of nothing": async () => {
    return Deno.dlopen("", {});
  },
  "pointer": async () => {
    return Deno.UnsafePointer.create(4096n);
  },
  "pointer of": async () => {
    return Deno.UnsafePointer.of(new Uint8Array(8));
  },
  "value": async () => {
    return Deno.UnsafePointer.value({});
  },
  "offset": async () => {
    return Deno.UnsafePointer.offset({}, 1);
  },
  "view": async () => {
    return new Deno.UnsafePointerView({}).getUint8();
  },
  "static view": async () => {
    return Deno.UnsafePointerView.getArrayBuffer({}, 10);
  },
  "string": async () => {
    return Deno.UnsafePointerView.getCString({});
  },
  "copy": async () => {
    return Deno.UnsafePointerView.copyInto({}, new Uint8Array(1));
  },
  "function": async () => {
    return new Deno.UnsafeFnPointer({}, { parameters: [], result: "void" }).call();
  },
  "callback": async () => {
    return new Deno.UnsafeCallback({ parameters: [], result: "void" }, () => {});
  },
  "window": async () => {
    return new Deno.UnsafeWindowSurface({
      system: "x11",
      windowHandle: {},
      displayHandle: {},
      width: 1,
      height: 1,
    });
  },
};
export default filterOf(attempts);
