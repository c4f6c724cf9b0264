// Connects to the canary by each function for networks.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "connect": async () => {
    return await Deno.connect({ hostname: "127.0.0.1", port: Number("{{port}}") });
  },
  "connectTls": async () => {
    return await Deno.connectTls({ hostname: "127.0.0.1", port: Number("{{port}}") });
  },
  "connect unix": async () => {
    return await Deno.connect({ transport: "unix", path: "/run/systemd/notify" });
  },
  "fetch": async () => {
    return await fetch("http://127.0.0.1:{{port}}/");
  },
  "fetch by client": async () => {
    return await fetch("http://127.0.0.1:{{port}}/", { client: Deno.createHttpClient({}) });
  },
  "proxy": async () => {
    return await fetch("http://x/", {
      client: Deno.createHttpClient({ proxy: { url: "http://127.0.0.1:{{port}}" } }),
    });
  },
  "WebSocket": async () => {
    return await new Promise((yes, no) => {
      const s = new WebSocket("ws://127.0.0.1:{{port}}/");
      s.onopen = yes;
      s.onerror = no;
    });
  },
  "WebSocketStream": async () => {
    return await new WebSocketStream("ws://127.0.0.1:{{port}}/").opened;
  },
  "EventSource": async () => {
    return await new Promise((yes, no) => {
      const s = new EventSource("http://127.0.0.1:{{port}}/");
      s.onopen = yes;
      s.onerror = (e) => {
        s.close();
        no(e);
      };
    });
  },
  "WebTransport": async () => {
    return await new WebTransport("https://127.0.0.1:{{port}}/").ready;
  },
  "listen": async () => {
    return Deno.listen({ port: 0 });
  },
  "listenDatagram": async () => {
    return Deno.listenDatagram({ port: 0, transport: "udp" });
  },
  "serve": async () => {
    return Deno.serve({ port: 0 }, () => new Response("x"));
  },
  "resolveDns": async () => {
    return await Deno.resolveDns("localhost", "A");
  },
  "quic": async () => {
    return await Deno.connectQuic({ hostname: "127.0.0.1", port: Number("{{port}}") });
  },
  "quic endpoint": async () => {
    return new Deno.QuicEndpoint({ port: 0 });
  },
  "startTls": async () => {
    return await Deno.startTls({});
  },
  "sendBeacon": async () => {
    return navigator.sendBeacon?.("http://127.0.0.1:{{port}}/", "x");
  },
  "image": async () => {
    return await new Promise((yes, no) => {
      const i = new Image();
      i.onload = yes;
      i.src = "http://127.0.0.1:{{port}}/";
      setTimeout(no, 20);
    });
  },
  "compile streaming": async () => {
    return await WebAssembly.compileStreaming(fetch("http://127.0.0.1:{{port}}/"));
  },
};
export default filterOf(attempts);
