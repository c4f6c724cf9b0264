// Feeds the queue of microtasks for ever.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const next = () => queueMicrotask(next);
  next();
  Promise.resolve().then(function again() {
    return Promise.resolve().then(again);
  });
  return "pcap";
};
