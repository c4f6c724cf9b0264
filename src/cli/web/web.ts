/** Runs `nfscribe web`: serves the page until a signal ends it. */

import { requireNeeds } from "../../daemon/permissions.ts";
import { readCounters, type Stats } from "../../daemon/telemetry/stats_client.ts";
import { type Address, isLoopback } from "../../config/address.ts";
import { InputError, messageOf, OutputError } from "../../errors.ts";
import { descriptor, type Need } from "../../permission.ts";
import { passedSocket } from "../../systemd/listen.ts";
import { escapedLines } from "../../text/escape.ts";
import { VERSION } from "../../version.ts";
import type { TlsFiles } from "../../web/server/http_server.ts";
import { readPageFile } from "../../web/server/page_files.ts";
import { advice } from "../../web/advice/advice.ts";
import { makeToken, tokenOf } from "../../web/server/token.ts";
import { WebServer } from "../../web/server/web_server.ts";
import { ThreadReader } from "../../web/store/thread_reader.ts";
import type { ParsedOptions } from "../command.ts";
import { printFlags } from "../options.ts";
import { DONE, FAILED } from "../status.ts";
import { Stop } from "../stop.ts";
import { circumstancesOf } from "./advised.ts";
import { OpenedPage, openNeeds } from "./browser.ts";
import { keptNeedsOf, storeNeedsOf, webNeedsOf } from "./needs.ts";
import { settingsOf, type WebSettings } from "./settings.ts";

/** Time limit of the daemon's answer, in milliseconds. */
const STATS_MS = 2000;

/** Runs the command; returns the exit status. */
export async function execute(given: ParsedOptions): Promise<number> {
  const settings = await settingsOf(given);
  const opens = given.open !== undefined;
  const passed = passedSocket();
  const needs = webNeedsOf(settings, { isPassed: passed !== undefined, opens });
  if (given.flags !== undefined) {
    printFlags(needs, given);
    return DONE;
  }
  requireNeeds(needs);
  using stop = new Stop();
  const { web, address, store, socket, actions } = settings;
  const known = circumstancesOf(settings);
  const tls = await tlsOf(settings);
  const token = web.tokenFile === undefined ? makeToken() : tokenOf(web.tokenFile);
  let failure: Error | undefined;
  await using reader = store && new ThreadReader(store.target, storeNeedsOf(settings), (error) => {
    failure = error;
    stop.now();
  });
  // Its modules are loaded with this process's rights, which are given up before the first request.
  await reader?.loaded;
  await using server = await WebServer.open({
    place: passed === undefined ? address : { descriptor: passed },
    tls,
    hosts: web.hosts ?? [],
    token,
    version: VERSION,
    reader,
    stats: socket === undefined ? undefined : () => countersOf(socket),
    actions,
    hasPayload: known.hasPayload,
    advice: (seen) => advice({ ...seen, ...known }),
    readPage: readPageFile,
    warn: tell,
  });
  if (tls === undefined && !web.cleartext) requireLocal(server.address);
  const opened = opens ? new OpenedPage(address.port, tell) : undefined;
  revokeAllBut([...keptNeedsOf(settings), ...opens ? openNeeds(address.port) : []], needs);
  // What is missing now may be there later; it is said here, and by the page.
  await reader?.open().catch((error) => {
    tell(messageOf(error));
    tell("The page is served, and shows the database as soon as it can be read");
  });
  const url = urlOf(server.address, tls !== undefined, web.hosts);
  console.log(
    web.tokenFile === undefined || Deno.stdout.isTerminal()
      ? `${url}?token=${token}`
      : `${url} (the token is in ${web.tokenFile})`,
  );
  const opening = opened?.open(`${url}?token=${token}`, stop.signal);
  if (given["until-eof"] !== undefined) void readToEnd().then(() => stop.now());
  await untilAborted(stop.signal);
  await opening;
  if (failure === undefined) return DONE;
  tell(failure.message);
  return FAILED;
}

/**
 * Requires that a socket of the service manager is for this host alone; for `listen` the
 * configuration is checked.
 *
 * @throws {OutputError} If others can connect to it, without HTTPS.
 */
function requireLocal(address: Address): void {
  if (isLoopback(address)) return;
  const where = `${address.hostname}:${address.port}`;
  throw new OutputError(
    where,
    `Cannot serve on ${where}, where the service manager listens: others can read the token and ` +
      "the packets; name tls_certificate and tls_key in [web], or ListenStream=127.0.0.1:9478",
  );
}

/** Revokes all rights but some: code that talks to browsers has none for the store. */
function revokeAllBut(kept: readonly Need[], needs: readonly Need[]): void {
  for (const name of ["read", "write", "net", "env", "sys", "ffi", "run"] as const) {
    if (!kept.some((need) => need.name === name)) Deno.permissions.revokeSync({ name });
    else {
      for (const need of needs) {
        if (need.name === name && !kept.some(({ value }) => value === need.value)) {
          Deno.permissions.revokeSync(descriptor(need));
        }
      }
    }
  }
}

async function tlsOf({ web }: WebSettings): Promise<TlsFiles | undefined> {
  const { tlsCertificate, tlsKey } = web;
  if (tlsCertificate === undefined) return undefined;
  const [certificate, key] = await Promise.all([tlsCertificate, tlsKey!].map(readPem));
  return { certificate: certificate!, key: key! };
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new InputError(path, `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Asks the daemon for its counters; null where none answers. */
async function countersOf(path: string): Promise<Stats | null> {
  try {
    return await readCounters(path, STATS_MS);
  } catch {
    return null;
  }
}

/** Returns the address of the page, by a name that browsers can ask. */
function urlOf(
  { hostname, port }: { hostname: string; port: number },
  isSecure: boolean,
  [name]: readonly string[] = [],
): string {
  if (port === 0) return "http://localhost/";
  const isAny = hostname === "0.0.0.0" || hostname === "::";
  const host = isAny ? name ?? "127.0.0.1" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${isSecure ? "https" : "http"}://${host}:${port}/`;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

/** Reads standard input to its end. */
async function readToEnd(): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    while (await Deno.stdin.read(buffer) !== null);
  } catch {
    // Whatever is wrong with it, nothing more comes.
  }
}

function tell(message: string): void {
  console.error(`nfscribe: ${escapedLines(message)}`);
}
