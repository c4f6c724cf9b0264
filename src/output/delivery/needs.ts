/** Permissions of outputs whose rows go through a spool into a database. */

import type { Need } from "../../permission.ts";
import { fromFileUrl } from "../../text/file_url.ts";
import { SOURCES } from "../../threads.ts";
import { hostnameNeeds } from "../host_name.ts";

/** Returns the permissions for spool, thread and rows. */
export function deliveryNeeds(options: { spool: string; hostname?: string }): Need[] {
  const { spool } = options;
  return [
    { name: "read", value: spool, why: "the spool" },
    { name: "write", value: spool, why: "the spool" },
    threadNeed("the thread that sends rows is loaded from there"),
    ...hostnameNeeds(options, "rows"),
  ];
}

/** Returns the right to load a thread: to read the folder of nfscribe's modules. */
export function threadNeed(why: string): Need {
  return { name: "read", value: fromFileUrl(SOURCES.href), why };
}
