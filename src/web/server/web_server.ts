/** The server of the web page: who may ask, and what is answered. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../../errors.ts";
import { ANSWERS, type AnswerSources, type ApiAnswer, requireStore } from "./answers.ts";
import { PageDocument, type ReadPage } from "./document.ts";
import { download, DOWNLOAD_PARAMETERS } from "./download/download.ts";
import { decide, hostName } from "./guard.ts";
import { HttpServer, type ListenPlace, type TlsFiles } from "./http_server.ts";
import { Live } from "./live.ts";
import {
  DOWNLOAD_LIMITS,
  LIVE_LIMITS,
  type LiveLimits,
  QUERY_LIMITS,
  SERVER_LIMITS,
  type ServerLimits,
} from "./limits.ts";
import { QueryGate } from "./query_gate.ts";
import { Parameters } from "./question.ts";
import { RequestError } from "./request_error.ts";
import { type Fields, finish, respond, respondJson } from "./respond.ts";
import { requestErrorOf } from "./store_error.ts";
import { isSameToken } from "./token.ts";

/** Options of a server. */
export interface WebOptions extends AnswerSources {
  place: ListenPlace;
  tls: TlsFiles | undefined;
  /** Names by which it may be asked, besides this host's and addresses. */
  hosts: readonly string[];
  token: string;
  /** Reads the page's files. */
  readPage: ReadPage;
  /** Takes faults of nfscribe's own. */
  warn(message: string): void;
  limits?: { server?: Partial<ServerLimits>; live?: Partial<LiveLimits> };
}

/** Names of this host that every browser knows. */
const LOOPBACK_NAMES = ["localhost", "ip6-localhost", "127.0.0.1", "[::1]"];
/** Page that has the browser ask once more, now from here: it sends the cookie then. */
const AGAIN = '<!doctype html><meta http-equiv="refresh" content="0"><title>nfscribe</title>' +
  '<link rel="icon" href="data:,">';
/** Time beyond that of a question after which no answer is expected, in milliseconds. */
const LATE_MS = 3000;
const TOO_LATE = "The database does not answer: ask again, or look after it";
const TEXT: Fields = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/** A server that answers browsers. */
export class WebServer implements AsyncDisposable {
  readonly #options: WebOptions;
  readonly #limits: ServerLimits;
  readonly #page: PageDocument;
  readonly #questions = new QueryGate(QUERY_LIMITS);
  readonly #downloads = new QueryGate({ atOnce: DOWNLOAD_LIMITS.atOnce, waiting: 0 });
  readonly #live: Live;
  readonly #hosts: readonly string[];
  #server!: HttpServer;

  private constructor(options: WebOptions) {
    this.#options = options;
    this.#limits = { ...SERVER_LIMITS, ...options.limits?.server };
    this.#page = new PageDocument(options.readPage);
    const live = { ...LIVE_LIMITS, ...options.limits?.live };
    this.#live = new Live(options, live, this.#limits.stuckMs);
    const { place } = options;
    const own = "hostname" in place ? [place.hostname.toLowerCase()] : [];
    this.#hosts = [...LOOPBACK_NAMES, ...own, ...options.hosts.map((name) => name.toLowerCase())];
  }

  /**
   * Starts to listen.
   *
   * @throws {OutputError} If it cannot listen there.
   * @throws {InputError} If certificate and key are of no use.
   */
  static async open(options: WebOptions): Promise<WebServer> {
    const web = new WebServer(options);
    web.#server = await HttpServer.open(
      options.place,
      options.tls,
      (request, response) => web.#answer(request, response),
      web.#limits,
    );
    return web;
  }

  /** Host and port that it listens on; port 0 for a Unix socket of the service manager. */
  get address(): { hostname: string; port: number } {
    return this.#server.address;
  }

  /** Number of browsers that look at what happens now. */
  get browsers(): number {
    return this.#live.browsers;
  }

  /** Closes all connections and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#live[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const abort = new AbortController();
    response.once("close", () => abort.abort(new RequestError(499, "The browser has left")));
    try {
      await this.#decide(request, response, abort.signal);
    } catch (error) {
      if (response.destroyed) return;
      const known = requestErrorOf(error);
      if (known === undefined) this.#options.warn(`A request failed: ${messageOf(error)}`);
      // An answer that has begun cannot become another one: its end is missing.
      if (response.headersSent) return void response.destroy();
      const body = known?.body() ?? { error: "nfscribe failed; its messages tell why" };
      await respondJson(response, known?.status ?? 500, body, this.#limits.stuckMs);
    }
  }

  async #decide(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const { method, url = "/", headers } = request;
    // A target in absolute form names another host than Host; one host alone is asked here.
    if (!/^\/(?![/\\])/.test(url)) {
      return await this.#text(response, 400, "The address must begin with one slash");
    }
    if (method !== "GET" && method !== "HEAD") {
      return await this.#text(response, 405, "GET and HEAD only", { allow: "GET, HEAD" });
    }
    const decision = decide({
      target: url,
      host: headers.host,
      origin: headers.origin,
      site: single(headers["sec-fetch-site"]),
      mode: single(headers["sec-fetch-mode"]),
      cookie: headers.cookie,
      authorization: headers.authorization,
    }, {
      hosts: this.#hosts,
      cookie: this.#cookie(request),
      isToken: (text) => isSameToken(text, this.#options.token),
    });
    switch (decision.kind) {
      case "refused":
        return await this.#text(response, decision.status, decision.message);
      case "again":
        return await respond(
          response,
          200,
          { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
          AGAIN,
          this.#limits.stuckMs,
        );
      case "admitted":
        return await this.#text(response, 303, "The cookie is set", {
          location: decision.location,
          "set-cookie": this.#setCookie(request),
        });
      case "allowed":
        return await this.#route(new URL(url, "http://host"), request, response, signal);
    }
  }

  async #route(
    { pathname, searchParams }: URL,
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#page.has(pathname)) return await this.#file(pathname, request, response);
    const [, name] = /^\/api\/([a-z]+)$/.exec(pathname) ?? [];
    const isStream = name === "live" || name === "download";
    if (isStream && request.method === "HEAD") return await this.#text(response, 200, "");
    if (name === "live") {
      const parameters = new Parameters(searchParams, ["kind", "where", "after"]);
      const place = single(request.headers["last-event-id"]) ?? parameters.text("after");
      const choice = parameters.text("kind") === undefined
        ? undefined
        : { kind: parameters.kind(), where: parameters.where() };
      return await this.#live.serve(response, choice, place);
    }
    if (name === "download") {
      const parameters = new Parameters(searchParams, DOWNLOAD_PARAMETERS);
      const reader = requireStore(this.#options.reader);
      return await this.#downloads.run(
        signal,
        () => download(reader, parameters, response, signal, this.#limits.stuckMs),
      );
    }
    const answer = name !== undefined && Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
    if (answer === undefined) return await this.#text(response, 404, "There is no such address");
    const value = await this.#ask(answer, searchParams, signal);
    await respondJson(response, 200, value, this.#limits.stuckMs);
  }

  #ask(answer: ApiAnswer, searchParams: URLSearchParams, signal: AbortSignal): Promise<unknown> {
    const parameters = new Parameters(searchParams, answer.parameters);
    const ms = parameters.budgetMs();
    return this.#questions.run(signal, async () => {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(new RequestError(504, TOO_LATE)), ms + LATE_MS);
      const budget = { ms, signal: AbortSignal.any([signal, late.signal]) };
      try {
        return await answer.make(parameters, this.#options, budget);
      } finally {
        clearTimeout(timer);
      }
    });
  }

  async #file(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const accepted = single(request.headers["accept-encoding"]);
    const { type, etag, bytes, coding } = await this.#page.file(path, accepted);
    const fields = {
      etag,
      "cache-control": "no-cache",
      vary: "cookie, authorization, accept-encoding",
    };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, fields);
      return await finish(response, undefined, this.#limits.stuckMs);
    }
    const coded: Fields = coding === undefined ? {} : { "content-encoding": coding };
    const all = { ...fields, ...coded, "content-type": type };
    await respond(response, 200, all, bytes, this.#limits.stuckMs);
  }

  #text(
    response: ServerResponse,
    status: number,
    text: string,
    fields: Fields = {},
  ): Promise<void> {
    const body = text === "" ? "" : `${text}\n`;
    return respond(response, status, { ...TEXT, ...fields }, body, this.#limits.stuckMs);
  }

  /**
   * Returns the cookie's name. Cookies are those of a host, not of its ports: each port that a
   * browser asks has one of its own.
   */
  #cookie(request: IncomingMessage): string {
    const [, port = ""] = /:(\d+)$/.exec(request.headers.host ?? "") ?? [];
    const name = port === "" ? "nfscribe" : `nfscribe-${port}`;
    return this.#isSecure(request) ? `__Host-${name}` : name;
  }

  #setCookie(request: IncomingMessage): string {
    const secure = this.#isSecure(request) ? "; Secure" : "";
    const value = `${this.#cookie(request)}=${this.#options.token}`;
    return `${value}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  }

  /** Returns whether the browser speaks TLS, as far as it or a proxy says so. */
  #isSecure(request: IncomingMessage): boolean {
    if (this.#options.tls !== undefined) return true;
    return single(request.headers["x-forwarded-proto"]) === "https" &&
      this.#options.hosts.includes(hostName(request.headers.host) ?? "");
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
