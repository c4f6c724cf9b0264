// Exports bindings that change while it runs.
// deno-lint-ignore-file
export let tickMs = 10;
export let tick = (context) => {
  tickMs = -1;
  tick = "nonsense";
  stop = { call: 1 };
  context.log("changed");
};
export let stop = () => {};
let filter = () => {
  filter = 7;
  return "pcap";
};
export { filter as default };
