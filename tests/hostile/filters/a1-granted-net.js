// Is granted one address, and connects to the canary, to a folder and to itself.
// @config timeout_ms = 3000
// @config [filter.permissions]
// @config net = ["127.0.0.1:1"]
// @rights --allow-net=127.0.0.1:1
// deno-lint-ignore-file
let count = 0;
export default async (_packet, context) => {
  if (++count !== 5) return "pcap";
  const attempts = {
    canary: () => Deno.connect({ hostname: "127.0.0.1", port: Number("{{port}}") }),
    name: () => Deno.connect({ hostname: "localhost", port: Number("{{port}}") }),
    fetch: () => fetch("http://127.0.0.1:{{port}}/"),
    redirect: () => fetch("http://127.0.0.1:1@127.0.0.1:{{port}}/"),
    six: () => Deno.connect({ hostname: "::ffff:127.0.0.1", port: Number("{{port}}") }),
    unix: () => Deno.connect({ transport: "unix", path: "/run/dbus/system_bus_socket" }),
    listen: () => Deno.listen({ port: 0 }),
    read: () => Deno.readTextFile("{{secret}}"),
    env: () => Deno.env.get("NFSCRIBE_CANARY") ?? Promise.reject(),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      context.log(`GOT ${name}`);
    } catch { /* Refused. */ }
  }
  const all = [];
  for (let i = 0; i < 1000; i++) {
    all.push(Deno.connect({ hostname: "127.0.0.1", port: 1 }).catch(() => {}));
  }
  await Promise.all(all);
  context.log("done");
  return "pcap";
};
