/** Lists of hosts (PostgreSQL documentation, "Specifying Multiple Hosts"). Pure. */

import { portOf } from "../server/connection.ts";
import { type Host, PORT } from "./connection.ts";

/**
 * The default host. libpq uses the Unix socket of the folder that it was built for, or this if it
 * was built without; a socket needs three permissions more.
 */
const HOST = "localhost";

/** Parameters that may be lists. */
type ListKeyword = "host" | "hostaddr" | "port";

/**
 * Composes the hosts of lists.
 *
 * @param get Returns a list, separated by commas; undefined if there is none.
 * @param from Returns its source, for messages.
 * @throws {Error} If the lists do not fit together.
 */
export function hostsOf(
  get: (word: ListKeyword) => string | undefined,
  from: (word: ListKeyword) => string,
): Omit<Host, "password">[] {
  const list = (word: ListKeyword) => get(word)?.split(",");
  const [names, addresses, ports = [""]] = [list("host"), list("hostaddr"), list("port")];
  const count = (names ?? addresses ?? [HOST]).length;
  if (addresses !== undefined && addresses.length !== count) {
    throw new Error(
      `${from("hostaddr")} has ${addresses.length} addresses for ${count} hosts; name one for each`,
    );
  }
  if (ports.length > 1 && ports.length !== count) {
    throw new Error(
      `${from("port")} has ${ports.length} ports for ${count} hosts; name one, or one for each`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const address = addresses?.[index] || undefined;
    const port = (ports.length > 1 ? ports[index] : ports[0]) || undefined;
    return {
      host: names?.[index] || (address ?? HOST),
      port: portOf(port, from("port"), PORT),
      ...address !== undefined && { address },
    };
  });
}
