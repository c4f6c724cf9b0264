// Is granted one variable, and reads the others.
// @config [filter.permissions]
// @config env = ["LANG"]
// @rights --allow-env=LANG
// deno-lint-ignore-file
let count = 0;
export default (_packet, context) => {
  if (++count !== 5) return "pcap";
  for (
    const attempt of [
      () => Deno.env.get("NFSCRIBE_CANARY"),
      () => JSON.stringify(Deno.env.toObject()),
      () => Deno.env.has("NFSCRIBE_CANARY") || undefined,
    ]
  ) {
    try {
      const got = attempt();
      if (got !== undefined) context.log(`GOT ${got}`);
    } catch { /* Refused. */ }
  }
  context.log("done");
  return "pcap";
};
