// Throws an error whose message never comes.
// deno-lint-ignore-file
let count = 0;
export default () => {
  if (++count === 20) {
    throw {
      __proto__: Error.prototype,
      get message() {
        for (;;);
      },
    };
  }
  return "pcap";
};
