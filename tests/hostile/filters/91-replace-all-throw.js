// Replaces every function that it can reach by one that throws.
// @config timeout_ms = 3000
// deno-lint-ignore-file
import { reach } from "./tools/reach.js";

const { log } = console;
const changes = [];
reach((object, key, descriptor) => {
  if (typeof descriptor?.value === "function") changes.push([object, key]);
});
const define = Reflect.defineProperty;
const thrower = function () {
  throw new TypeError("replaced");
};
let count = 0;
export default () => {
  if (++count === 5) {
    for (let i = 0; i < changes.length; i++) {
      define(changes[i][0], changes[i][1], { value: thrower });
      try {
        changes[i][0][changes[i][1]] = thrower;
      } catch { /* It is frozen. */ }
    }
  }
  return "pcap";
};
