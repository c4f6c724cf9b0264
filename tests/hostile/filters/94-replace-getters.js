// Replaces every accessor, and adds accessors where there are none.
// @config timeout_ms = 3000
// deno-lint-ignore-file
import { reach } from "./tools/reach.js";

const changes = [];
reach((object, key, descriptor) => {
  if (descriptor?.get !== undefined || descriptor?.set !== undefined) changes.push([object, key]);
});
const define = Reflect.defineProperty;
const names = [
  "then",
  "length",
  "constructor",
  "byteOffset",
  "buffer",
  "get",
  "set",
  "value",
  "mask",
  "texts",
  "numbers",
  "type",
  "0",
  "1",
  "datagram",
  "toJSON",
  "toString",
  "valueOf",
  "stack",
  "message",
  "code",
  "errno",
  "parentURL",
  "source",
  "format",
  "error",
  "capture",
  "outputs",
];
let count = 0;
export default () => {
  if (++count === 5) {
    for (const [object, key] of changes) {
      define(object, key, {
        get() {
          throw new Error("read");
        },
        set() {
          throw new Error("written");
        },
      });
    }
  }
  if (count === 50) {
    for (
      const object of [
        Object.prototype,
        Array.prototype,
        Function.prototype,
        String.prototype,
        Number.prototype,
        Error.prototype,
        TypeError.prototype,
        Uint8Array.prototype,
        Promise.prototype,
      ]
    ) {
      for (const name of names) {
        define(object, name, {
          configurable: true,
          get: () => 7,
          set() {
            throw new Error("set");
          },
        });
      }
    }
  }
  return "pcap";
};
