// Emits more lines than can be written, at packets and between them.
// @flow 800
// deno-lint-ignore-file
const fields = Object.fromEntries(
  Array.from({ length: 100 }, (_, i) => ["F" + i, "x".repeat(2000)]),
);
let context;
setInterval(() => {
  for (let i = 0; i < 20; i++) context?.emit("logemu", fields);
}, 1);
let count = 0;
export default (_packet, given) => {
  context = given;
  if (++count % 10 === 0) context.emit("logemu", fields);
  return "pcap";
};
