// Fills registries for the end of objects, and throws in them.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const registry = new FinalizationRegistry(() => {
    throw new Error("x");
  });
  for (let i = 0; i < 1e6; i++) registry.register({}, i);
  const refs = [];
  for (let i = 0; i < 1e6; i++) refs.push(new WeakRef({}));
  globalThis.gc?.();
  context.log("done");
  return "pcap";
};
