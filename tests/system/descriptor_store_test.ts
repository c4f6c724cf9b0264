import { assertEquals } from "@std/assert";
import { NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { DescriptorStore } from "../../src/systemd/descriptor_store.ts";
import { Notifier } from "../../src/systemd/notifier.ts";
import type { LiveSource } from "../../src/handover/state.ts";
import { HAS_BASH, Manager } from "./manager.ts";
import { deno, ROOT } from "./process.ts";

const needsBash = { ignore: !HAS_BASH };

function sockets(): AsyncDisposableStack & { all: NetlinkSocket[] } {
  const stack = new AsyncDisposableStack();
  const all = [1, 2, 3].map(() => stack.use(NetlinkSocket.open(NETLINK_USERSOCK)));
  return Object.assign(stack, { all });
}

/** Returns sources with an open socket each, whose sequence numbers may change. */
function liveSources([a, b, c]: NetlinkSocket[]): LiveSource[] {
  return [
    { name: "first", type: "nflog", group: 1, descriptor: a!.descriptor, expected: 10 },
    {
      name: "blue",
      type: "nflog",
      group: 2,
      netns: "/blue",
      descriptor: b!.descriptor,
      expected: 7,
    },
    { name: "old", type: "ulog", group: 3, descriptor: c!.descriptor, expected: undefined },
  ];
}

function storeOf(manager: Manager, notifier: Notifier, storeSize = 8): [DescriptorStore, string[]] {
  const warnings: string[] = [];
  const environment = { descriptors: [], storeSize: manager === undefined ? 0 : storeSize };
  return [new DescriptorStore(environment, notifier, (text) => warnings.push(text)), warnings];
}

async function restart(manager: Manager): Promise<unknown> {
  const command = deno("--allow-ffi", "--allow-env", `${ROOT}tests/system/inherited.ts`);
  const { stdout } = await manager.start(command).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test(
  "sockets that the manager keeps come back with the numbers of last (needs bash)",
  needsBash,
  async () => {
    await using manager = new Manager();
    await using notifier = Notifier.open(manager.address, console.error);
    await using open = sockets();
    const sources = liveSources(open.all);
    {
      const [store, warnings] = storeOf(manager, notifier);
      using _ = store;
      store.keep(sources);
      const [first] = sources;
      sources[0] = Object.assign(first!, { expected: 4_000_000_000 });
      store.update();
      first!.expected = 9;
      store.update();
      assertEquals(warnings, []);
    }
    manager.hear();
    assertEquals([...manager.store.keys()], [
      "nfscribe-state",
      "nflog-1",
      "nflog-2-%2Fblue",
      "ulog-3",
    ]);
    assertEquals(await restart(manager), {
      sources: [{ name: "first", expected: 9 }, { name: "blue", expected: 7 }, { name: "old" }],
      variables: [],
      warnings: [],
    });
  },
);

Deno.test(
  "without the state sockets come back all the same, with no number (needs bash)",
  needsBash,
  async () => {
    await using manager = new Manager();
    await using notifier = Notifier.open(manager.address, console.error);
    await using open = sockets();
    const [store] = storeOf(manager, notifier);
    using _ = store;
    store.keep(liveSources(open.all).slice(0, 1));
    notifier.store("something", open.all[2]!.descriptor);
    notifier.remove("nfscribe-state");
    manager.hear();
    assertEquals(await restart(manager), {
      sources: [{ name: "nflog-1" }, null, null],
      variables: [],
      warnings: [
        'Closed descriptor "something" of the service manager: it is none of nfscribe\'s',
        "The former run left no state: what is lost before the first packet is not counted",
      ],
    });
  },
);

Deno.test("a source that is gone, or has another socket, is changed in the store, too", async () => {
  await using manager = new Manager();
  await using notifier = Notifier.open(manager.address, console.error);
  await using open = sockets();
  const [first, blue] = liveSources(open.all);
  const [store] = storeOf(manager, notifier);
  using _ = store;
  store.keep([first!, blue!]);
  manager.hear();
  const before = manager.store.get("nflog-1");
  store.keep([{ ...first!, descriptor: open.all[2]!.descriptor }]);
  manager.notices.length = 0;
  manager.hear();
  assertEquals([...manager.store.keys()], ["nfscribe-state", "nflog-1"]);
  const removed = manager.notices.filter(({ FDSTOREREMOVE }) => FDSTOREREMOVE === "1");
  assertEquals(removed.map(({ FDNAME }) => FDNAME), [
    "nfscribe-state",
    "nflog-1",
    "nflog-2-%2Fblue",
  ]);
  assertEquals(typeof before, "number");
});

Deno.test("a manager that keeps too few is reported; one that keeps none gets none", async () => {
  await using manager = new Manager();
  await using notifier = Notifier.open(manager.address, console.error);
  await using open = sockets();
  const [few, warnings] = storeOf(manager, notifier, 3);
  const [none] = storeOf(manager, notifier, 0);
  using _few = few;
  using _none = none;
  none.keep(liveSources(open.all));
  assertEquals([none.isActive, manager.hear()], [false, []]);
  few.keep(liveSources(open.all));
  manager.hear();
  assertEquals([...manager.store.keys()], ["nfscribe-state", "nflog-1", "nflog-2-%2Fblue"]);
  assertEquals(warnings, [
    "The service manager keeps 2 of 3 sockets: the others lose packets at a restart; " +
    "set FileDescriptorStoreMax=4 and Environment=FDSTORE=4 in the unit",
  ]);
});
