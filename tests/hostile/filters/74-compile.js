// Has WebAssembly compiled on all threads.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0];
  const leb = (n) => {
    const out = [];
    do {
      out.push(n & 127 | (n > 127 ? 128 : 0));
      n >>>= 7;
    } while (n);
    return out;
  };
  const body = [0, ...new Array(5000).fill(1), 11];
  const code = [...leb(400), ...new Array(400).fill([...leb(body.length), ...body]).flat()];
  const module = new Uint8Array([
    ...head,
    3,
    ...leb(402),
    ...leb(400),
    ...new Array(400).fill(0),
    10,
    ...leb(code.length),
    ...code,
  ]);
  for (let i = 0; i < 200; i++) WebAssembly.compile(module).catch(() => {});
  return "pcap";
};
