// Writes and reads JSON that is a million levels deep.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  let text = "[".repeat(1e6) + "]".repeat(1e6);
  try {
    JSON.parse(text);
  } catch {}
  let list = [];
  for (let i = 0; i < 1e6; i++) list = [list];
  try {
    JSON.stringify(list);
  } catch {}
  try {
    structuredClone(list);
  } catch {}
  try {
    String(list);
  } catch {}
  try {
    Deno.inspect(list, { depth: 1e6 });
  } catch {}
  context.log("done");
  return "pcap";
};
