import { assertEquals, assertMatch } from "@std/assert";
import { HAS_VETH, HERE, openPeer, THERE } from "../kernel/peer.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { HAS_TCPDUMP, until } from "../system/process.ts";
import { FORMS, Header, openDesk, shape } from "./example.ts";
import { knock, makeSilent } from "./traffic.ts";

Deno.test({
  name: "capture.ts prints a line for each packet (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("capture.ts");
    const [line] = header.lines("Run it");
    await using desk = await openDesk();
    await using program = await desk.start(line!, [1]);
    await makeSilent("99.99.99.99");
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await desk.run("ping -c 1 -W 0.1 99.99.99.99", { expected: 1 });
    }
    const lines = () => program.said.trim().split("\n");
    await until("a line for each ping", () => lines().length === FORMS.length);
    for (const line of lines()) {
      assertEquals(shape(line), shape(header.lines("You see")[0]!));
    }
  },
});

Deno.test({
  name:
    "to_pcap.ts puts five pings into a file that tcpdump reads (needs root, nft or iptables, tcpdump)",
  ignore: FORMS.length === 0 || !HAS_TCPDUMP,
  async fn() {
    const header = await Header.read("to_pcap.ts");
    const [line] = header.lines("Run it");
    const [ping, tcpdump] = header.lines("Send something");
    await using desk = await openDesk();
    await using program = await desk.start(line!, [1]);
    await makeSilent("99.99.99.99");
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      await desk.run(ping!, { expected: 1 });
    }
    const count = 5 * FORMS.length;
    await until("the file has all", () => desk.size("trace.pcap") === 24 + count * 116);
    assertEquals(await program.interrupt(), 0);
    assertEquals(program.said, `${count} packets are in trace.pcap\n`);
    const lines = (await desk.run(tcpdump!)).trim().split("\n");
    assertEquals(lines.map(shape), Array(count).fill(shape(header.lines("You see")[0]!)));
  },
});

Deno.test({
  name: "live_counts.ts shows once a second which services got most (needs root, nft or iptables)",
  ignore: FORMS.length === 0,
  async fn() {
    const header = await Header.read("live_counts.ts");
    await using desk = await openDesk();
    await using program = await desk.start(header.lines("Run it")[0]!, [1]);
    for (const form of FORMS) {
      await using _rules = await header.load(form);
      sendUdp(30);
      await knock(...Array(20).fill(22));
    }
    const [udp, tcp] = [30 * FORMS.length, 20 * FORMS.length];
    await until("all are counted", () => program.said.includes(`received ${udp + tcp}, lost 0\n`));
    const screen = program.said.trimEnd().split("\n").slice(-4);
    assertEquals(screen.map(shape), header.lines("You see").map(shape));
    assertMatch(screen[1]!, new RegExp(`^ +${udp}  udp 9$`));
    assertMatch(screen[2]!, new RegExp(`^ +${tcp}  tcp 22$`));
  },
});

Deno.test({
  name:
    "new_devices.ts tells of each device once, from run to run (needs root, nft or iptables, veth)",
  ignore: FORMS.length === 0 || !HAS_VETH,
  async fn() {
    const header = await Header.read("new_devices.ts");
    const [line] = header.lines("Run it");
    await using desk = await openDesk();
    await using peer = await openPeer();
    /** The other end appears as another device, and asks for an address. */
    const appear = async (device: string) => {
      const commands = [
        `ip link set ${THERE.device} address ${device}`,
        `ip neigh replace ${HERE.address} lladdr ${HERE.link} dev ${THERE.device}`,
        `printf discover > /dev/udp/${HERE.address}/67`,
      ];
      await peer.must(["bash", "-ec", commands.join("\n")]);
    };
    const lines = (text: string) => text.split("\n").slice(0, -1);
    const told: string[] = [];
    {
      await using program = await desk.start(line!, [1]);
      for (const form of FORMS) {
        await using _rules = await header.load(form);
        if (form === "nft") {
          await peer.must(["ping", "-c", "1", "-W", "5", HERE.address]);
          told.push(`${THERE.link} arp from ${THERE.address} on ${HERE.device}, `);
        }
        const device = `02:00:00:00:01:0${told.length}`;
        await appear(device);
        await appear(device);
        told.push(`${device} dhcp from ${THERE.address} on ${HERE.device}, `);
        await until("they are printed", () => lines(program.said).length >= told.length);
      }
      assertEquals(program.said, desk.text("devices.txt"));
      assertEquals(shape(lines(program.said)[0]!), shape(header.lines("You see")[0]!));
    }
    await using program = await desk.start(line!, [1]);
    await using _rules = await header.load(FORMS[0]!);
    for (const line of [...told, "02:00:00:00:02:00 is new"]) await appear(line.split(" ")[0]!);
    await until("one is printed", () => program.said.endsWith("\n"));
    assertMatch(program.said, /^02:00:00:00:02:00 dhcp from .*\n$/);
    const known = lines(desk.text("devices.txt")).map((line) => line.replace(/(?<=, ).*/, ""));
    told.push(`02:00:00:00:02:00 dhcp from ${THERE.address} on ${HERE.device}, `);
    assertEquals(known, told);
  },
});
