// Recurses without an end through getters, proxies and JSON.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const deep = new Proxy({}, { get: (t, k, r) => Reflect.get(r, k, r) });
  try {
    deep.x;
  } catch {}
  const f = () =>
    JSON.stringify({
      get x() {
        return f();
      },
    });
  try {
    f();
  } catch {}
  try {
    (function g() {
      g();
    })();
  } catch {}
  try {
    "x".replace(/x/, function h() {
      return "x".replace(/x/, h);
    });
  } catch {}
  context.log("done");
  return "pcap";
};
