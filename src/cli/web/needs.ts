/** Rights of `nfscribe web`. */

import { needsOfSocket } from "../../daemon/permissions.ts";
import { ownerNeeds } from "../../files/place.ts";
import { threadNeed } from "../../output/delivery/needs.ts";
import type { Need } from "../../permission.ts";
import { listenNeeds } from "../../systemd/listen.ts";
import { openNeeds } from "./browser.ts";
import type { WebSettings } from "./settings.ts";

/** Circumstances of a start. */
export interface StartFacts {
  /** Whether the service manager has bound the socket. */
  isPassed: boolean;
  /** Whether a browser is opened. */
  opens: boolean;
}

/** Returns all rights that it takes. */
export function webNeedsOf(settings: WebSettings, facts: StartFacts): Need[] {
  return [...keptNeedsOf(settings), ...startNeeds(settings, facts)];
}

/** Returns the rights that are kept while it runs: none for the store, which the thread has. */
export function keptNeedsOf({ socket }: WebSettings): Need[] {
  return socket === undefined ? [] : needsOfSocket(socket);
}

/** Returns the rights of the start. */
function startNeeds(settings: WebSettings, { isPassed, opens }: StartFacts): Need[] {
  const { web, file } = settings;
  const read = (value: string | undefined, why: string): Need[] =>
    value === undefined ? [] : [{ name: "read", value, why }];
  return [
    ...read(file, "the configuration"),
    ...storeNeedsOf(settings),
    ...settings.store === undefined ? [] : [threadNeed("the thread that reads the database")],
    // A socket that is bound takes no right.
    ...isPassed ? [] : [{ name: "net", value: web.listen, why: "the web page" } as const],
    ...read(web.tlsCertificate, "the certificate"),
    ...read(web.tlsKey, "its key"),
    ...read(web.tokenFile, "the token"),
    ...web.tokenFile === undefined ? [] : [
      { name: "write", value: web.tokenFile, why: "the token" } as const,
      ...ownerNeeds(web.tokenFile),
    ],
    ...listenNeeds(),
    ...opens ? openNeeds(settings.address.port) : [],
  ];
}

/** Returns the rights to read the store. */
export function storeNeedsOf({ store }: WebSettings): Need[] {
  return store === undefined ? [] : store.database.needs("read");
}
