// Runs WebAssembly that traps, recurses, and compiles by the megabyte.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  const loop = new Uint8Array([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    96,
    0,
    0,
    3,
    2,
    1,
    0,
    7,
    5,
    1,
    1,
    102,
    0,
    0,
    10,
    6,
    1,
    4,
    0,
    16,
    0,
    11,
  ]);
  const trap = new Uint8Array([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    4,
    1,
    96,
    0,
    0,
    3,
    2,
    1,
    0,
    7,
    5,
    1,
    1,
    102,
    0,
    0,
    10,
    5,
    1,
    3,
    0,
    0,
    11,
  ]);
  for (const code of [loop, trap]) {
    try {
      new WebAssembly.Instance(new WebAssembly.Module(code)).exports.f();
    } catch {}
  }
  const bodies = [];
  const body = [0x80 + 4, 0x80 + 0x20, 0, 0, ...new Array(4096).fill(1), 11];
  try {
    new WebAssembly.Module(
      new Uint8Array([...loop.slice(0, 22), 10, 255, 255, 255, 255, 15, ...body]),
    );
  } catch {}
  for (let i = 0; i < 2000; i++) {
    try {
      new WebAssembly.Memory({ initial: 1000, maximum: 65536 });
      new WebAssembly.Table({ initial: 1e6, element: "anyfunc" });
    } catch {
      break;
    }
  }
  context.log("done");
  return "pcap";
};
