import { assertEquals, assertMatch } from "@std/assert";
import { countRecords } from "../kernel/nfscribe.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { canRun, until } from "../system/process.ts";
import { FORMS, Header, openDesk, shape } from "./example.ts";
import { knock, sendAs, sendBytes, takeDatagrams } from "./traffic.ts";

const CAN_BE_OTHERS = canRun("setpriv", "--reuid=1000", "--clear-groups", "true");

/** Returns the lines that a script has written, without the time and the host. */
function events(text: string): string[] {
  return text.split("\n").flatMap((line) => /EVENT=.*\S/.exec(line)?.[0] ?? []);
}

Deno.test({
  name: "port_scan.ts tells of a scan once, and keeps what follows (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("filters/port_scan.ts");
    await using desk = await openDesk();
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await knock(...Array(30).fill(443)); // no scan
      await knock(...Array.from({ length: 18 }, (_, n) => 1000 + n)); // just none
    }
    await using _rules = await header.load(FORMS[0]!);
    await knock(2000, 2001, 2002);
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    const text = desk.text("firewall.log");
    assertEquals((text.match(/DPT=/g) ?? []).length, 48 * FORMS.length + 3);
    assertEquals(events(text), ["EVENT=port_scan SRC=127.0.0.1 PORTS=20"]);
    assertEquals(shape(events(text)[0]!), shape(header.lines("You see")[0]!));
    assertEquals(await countRecords(`${desk.path}/trace.pcap`), 3, "from the twentieth port on");
  },
});

Deno.test({
  name:
    "dns_queries.ts writes the names that a resolver asks for, and keeps what is no question (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("filters/dns_queries.ts");
    await using desk = await openDesk();
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      const asked = new AbortController();
      const options = { nameServer: { ipAddr: "127.0.0.1" }, signal: asked.signal };
      const answer = Deno.resolveDns(`${form}.example.org.`, "AAAA", options);
      await Promise.all([
        answer.catch(() => {}), // no server answers
        until("the question is a line", () => desk.text("dns.log").includes(`NAME=${form}.`))
          .finally(() => asked.abort()),
      ]);
    }
    await using _rules = await header.load(FORMS[0]!);
    const start = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00";
    await sendBytes(53, start + "\xc0\x0c\x00\x01\x00\x01"); // a name that points to itself
    await sendBytes(53, start + "\x3fwww"); // one that ends too early
    await sendBytes(53, "\x00");
    await sendBytes(53, start + '\x0b\x1b[31m\nX=1 "\x00\x00\x01\x00\x01');
    await until(
      "all are decided about",
      () => events(desk.text("dns.log")).at(-1)!.includes("[31m"),
    );
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    const lines = events(desk.text("dns.log"));
    const hostile = lines.pop()!;
    // A resolver asks again where no server answers.
    assertEquals(
      [...new Set(lines.map((line) => / (UID=.*)/.exec(line)![1]))],
      FORMS.map((form) => `UID=0 NAME=${form}.example.org. TYPE=28`),
    );
    assertEquals(shape(lines[0]!).replace(FORMS[0]!, "www"), shape(header.lines("You see")[0]!));
    assertMatch(hostile, /NAME="\\\\027\[31m\\\\010X=1\\\\032\\"\." TYPE=1$/);
    assertEquals(await countRecords(`${desk.path}/odd.pcap`), 3);
  },
});

Deno.test({
  name: "user_traffic.ts sums up what each user has sent (needs root, nft or iptables)",
  ignore: FORMS.length === 0 || !CAN_BE_OTHERS,
  async fn() {
    const header = await Header.read("filters/user_traffic.ts");
    await using desk = await openDesk();
    await using nfscribe = await desk.start(header.lines("Run it")[0]!, [1]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      for (const size of [72, 172]) await sendAs(1000, size);
      await sendAs(65534, 972);
      sendUdp(5); // of root, which the rule leaves out
    }
    assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
    const lines = events(desk.text("users.log"));
    const n = FORMS.length;
    assertEquals(lines, [
      `EVENT=traffic UID=1000 PACKETS=${2 * n} BYTES=${300 * n}`,
      `EVENT=traffic UID=65534 PACKETS=${n} BYTES=${1000 * n}`,
    ]);
    assertEquals(shape(lines[0]!), shape(header.lines("You see")[0]!));
  },
});

Deno.test({
  name:
    "sampling.ts keeps one packet in a thousand, and so does the kernel by itself (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("filters/sampling.ts");
    await using _taker = await takeDatagrams(9);
    await using desk = await openDesk();
    const sampled = async (command: string, rules: string) => {
      await using nfscribe = await desk.start(header.lines(command)[0]!, [1]);
      for (const form of FORMS) {
        await using _rules = await header.load(form, rules);
        sendUdp(2000);
      }
      assertEquals(await nfscribe.interrupt(), 0, nfscribe.said);
      const count = await countRecords(`${desk.path}/sample.pcap`);
      await Deno.remove(`${desk.path}/sample.pcap`);
      return count;
    };
    assertEquals(await sampled("Run it", "The rule"), 2 * FORMS.length);
    assertEquals(desk.text("firewall.log").split("\n").length - 1, 2000 * FORMS.length);
    assertEquals(await sampled("No filter", "Where nothing"), 2 * FORMS.length);
  },
});
