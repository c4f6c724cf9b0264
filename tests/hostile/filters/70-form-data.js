// Keeps forms, headers, answers and addresses.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (let i = 0;; i++) {
    const f = new FormData();
    f.append("x", new Blob(["y".repeat(1e6)]));
    const h = new Headers();
    for (let k = 0; k < 100; k++) h.append("x" + k, "y".repeat(1e4));
    keep.push(
      f,
      h,
      new Response("z".repeat(1e6)),
      new Request("http://x/?" + "q".repeat(1e5)),
      new URLSearchParams("a=1&".repeat(1e5)),
    );
  }
  return "pcap";
};
