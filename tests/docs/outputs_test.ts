import { Book } from "./book.ts";

/**
 * A host at the other end of a cable, in a network namespace of its own. Once nfscribe
 * listens, it sends a ping.
 */
const NEIGHBOUR = `
unshare --net sleep infinity &
neighbour=$!
disown
until [ "$(readlink /proc/$neighbour/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
ip link add eth0 address 02:00:5e:10:00:01 type veth peer name eth1 address 02:00:5e:10:00:02
ip link set eth1 netns $neighbour
ip address add 192.0.2.1/24 dev eth0
ip link set eth0 up
there() { nsenter --target $neighbour --net "$@"; }
there ip address add 192.0.2.2/24 dev eth1
there ip link set eth1 up
there ip neighbour add 192.0.2.1 lladdr 02:00:5e:10:00:01 dev eth1
ip neighbour add 192.0.2.2 lladdr 02:00:5e:10:00:02 dev eth0
packet_arrives() {
  grep -q started messages || return
  there ping -q -c 1 -s 200 192.0.2.1 >/dev/null
  until grep -q ping ocsf.json; do sleep 0.05; done
}
`;

Deno.test("docs/outputs.md: what it tells to type prints what it shows", async () => {
  const book = await Book.read("docs/outputs.md");
  await book.walk({ setup: NEIGHBOUR });
});
