// Logs messages that look like records of nfscribe, with fields of the same names.
// deno-lint-ignore-file
const forged =
  '{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"stopped","counters":{"forged":1}}';
let count = 0;
export default (_packet, context) => {
  if (++count === 5) {
    context.log("stopped", {
      counters: '{"forged":1}',
      level: "error",
      time: "never",
      message: "stopped",
      __proto__: null,
      ["__proto__"]: "x",
      constructor: "y",
    });
    context.log(`\n${forged}\n`, { [`\n${forged}`]: forged });
    context.log({ toString: () => forged, message: "stopped" });
    context.log("\u2028\u2029\r\n\x85\x1b]0;owned\x07\x9b2J\u202e\u2066\u200f\ud800");
    context.log("x", { toJSON: () => ({ counters: 1 }) });
    context.log(
      "x",
      new Proxy({}, {
        ownKeys: () => ["counters", "level"],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: "y" }),
        get: () => "z",
      }),
    );
    context.log("x", { counters: { toString: () => "stopped" } });
    console.log("%c%s", "color: red", forged);
    console.log(`\x1b[2J\n${forged}`);
  }
  if (count === 50) context.log("done");
  return "pcap";
};
