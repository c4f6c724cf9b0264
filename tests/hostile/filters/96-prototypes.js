// Changes the prototype of every object it can reach, so that lookups end in its own objects.
// @config timeout_ms = 3000
// deno-lint-ignore-file
import { reach } from "./tools/reach.js";

const objects = [];
reach((object) => objects.push(object));
const trap = new Proxy(Object.create(null), {
  get: (_target, key) =>
    key === "then" ? undefined : () => {
      throw new Error(`trap ${String(key)}`);
    },
  has: () => true,
});
let count = 0;
export default (packet, context) => {
  if (++count === 5) {
    for (const object of new Set(objects)) Reflect.setPrototypeOf(object, trap);
    for (const object of [packet, context, Object.getPrototypeOf(packet)]) {
      Reflect.setPrototypeOf(object, trap);
    }
  }
  return "pcap";
};
