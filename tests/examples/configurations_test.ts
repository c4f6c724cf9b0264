import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { countRecords } from "../kernel/nfscribe.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { until } from "../system/process.ts";
import { FORMS, Header, openDesk, shape } from "./example.ts";
import { knock } from "./traffic.ts";

const noServer = await noCluster();

Deno.test({
  name:
    "imap fills a table of who connects, and the query answers (needs root, nft or iptables, PostgreSQL)",
  ignore: FORMS.length === 0 || noServer !== undefined,
  async fn() {
    const header = await Header.read("imap/nfscribe.toml");
    await using cluster = await Cluster.start();
    const env = { NFSCRIBE_POSTGRES_URL: cluster.url() };
    await using desk = await openDesk();
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1], env);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await knock(993, 993, 993, 143, 22);
    }
    const count = 4 * FORMS.length;
    const rows = () => cluster.sql("select count(*) from packets").catch(() => "");
    await until("all rows are there", async () => await rows() === String(count));
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    const lines = (await desk.run(header.lines("Ask")[0]!, { env })).split("\n");
    const table = lines.map((line) => line.trim().split(/ *\| */).slice(0, 3));
    assertEquals(table.slice(2, 4), [
      ["127.0.0.1", "993", String(3 * FORMS.length)],
      ["127.0.0.1", "143", String(FORMS.length)],
    ]);
    assertEquals(lines.slice(0, 3).map(shape), header.lines("You see").map(shape));
  },
});

/** Opens a webhook that takes posts, and answers them on request. */
function openWebhook(address: string) {
  const alerts: string[] = [];
  let posts = 0;
  let body = "";
  let answering = Promise.resolve();
  const { hostname, port } = new URL(address);
  const server = Deno.serve({ hostname, port: Number(port), onListen() {} }, async (request) => {
    posts++;
    body = await request.text();
    await answering;
    alerts.push(...JSON.parse(body).alerts);
    return new Response();
  });
  return {
    alerts,
    get posts() {
      return posts;
    },
    get body() {
      return body;
    },
    /** Leaves posts without an answer until it is disposed. */
    hang(): Disposable {
      const { promise, resolve } = Promise.withResolvers<void>();
      answering = promise;
      return { [Symbol.dispose]: resolve };
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test({
  name:
    "webhook gets connections posted, and delays no packet when it hangs (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("webhook/nfscribe.toml");
    await using desk = await openDesk();
    await using webhook = openWebhook("http://127.0.0.1:8099");
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await knock(22, 22, 22, 80);
    }
    const count = 3 * FORMS.length;
    await until("it got all alerts", () => webhook.alerts.length === count);
    assertEquals(
      shape(webhook.body).replace(/, ?"0-.*(?=\])/, ""),
      shape(header.lines("The webhook")[0]!),
    );
    {
      await using _rules = await header.load(FORMS[0]!);
      using _hang = webhook.hang();
      await knock(22);
      await until("a post hangs", () => webhook.posts > 1);
      await knock(...Array(300).fill(22));
      const lines = () => (desk.text("examples/webhook/ssh.log").match(/DPT=22/g) ?? []).length;
      await until("packets are written meanwhile", () => lines() === count + 301);
      assertEquals(webhook.alerts.length, count);
    }
    await until("it got the other alerts", () => new Set(webhook.alerts).size === count + 301);
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    assertStringIncludes(nfscribe.said, "lost 0,");
  },
});

Deno.test({
  name: "webhook's script cannot talk to another port than its own (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("webhook/nfscribe.toml");
    await using desk = await openDesk();
    const script = `${desk.path}/examples/webhook/filter.ts`;
    const text = await Deno.readTextFile(script);
    await Deno.writeTextFile(script, text.replace(":8099/", ":8098/"));
    await using webhook = openWebhook("http://127.0.0.1:8098");
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1]);
    await using _rules = await header.load(FORMS[0]!);
    await knock(22);
    await until("it is refused", () => nfscribe.said.includes("Cannot tell the webhook"));
    assertMatch(nfscribe.said, /NotCapable: Requires net access to "127\.0\.0\.1:8098"/);
    assertEquals(webhook.posts, 0);
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
  },
});

Deno.test({
  name: "two_groups.toml writes two groups into two files (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("two_groups.toml");
    await using desk = await openDesk();
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1, 2]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await knock(80, 443, 25, 110);
    }
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    assertEquals(await countRecords(`${desk.path}/examples/web.pcap`), 2 * FORMS.length);
    const lines = desk.text("examples/mail.log").trimEnd().split("\n");
    assertEquals(lines.length, FORMS.length);
    assertMatch(lines[0]!, / mail IN=lo .* DPT=25 /);
    assertStringIncludes(shape(nfscribe.said), shape(header.lines("You see").join("\n")));
  },
});

Deno.test({
  name: "replay_incident.toml finds a scan in a recorded file (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("replay_incident.toml");
    await using desk = await openDesk();
    {
      await using recorder = await desk.start(header.lines("Record")[0]!, [1]);
      for (const form of FORMS) {
        await using _rules = await header.load(form);
        await knock(...Array.from({ length: 25 }, (_, n) => 1000 + n));
      }
      assertEquals(await recorder.interrupt(), 0, recorder.said);
    }
    const count = 25 * FORMS.length;
    assertEquals(await countRecords(`${desk.path}/incident.pcap`), count);
    await desk.run(header.lines("Replay it")[0]!);
    const text = desk.text("examples/alarms.log");
    assertEquals(text.match(/EVENT=/g), ["EVENT="]);
    assertStringIncludes(shape(text), shape(header.lines("You see")[0]!));
    assertEquals(await countRecords(`${desk.path}/examples/scans.pcap`), count - 19);
    await using live = await desk.start(header.lines("And live")[0]!, [1]);
    assertEquals(await live.interrupt(), 0, live.said);
  },
});
