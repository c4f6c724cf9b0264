/** Listens for requests over HTTP or HTTPS, within limits of time, size and number. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { InputError, messageOf, OutputError } from "../../errors.ts";
import { Connections } from "./connections.ts";
import type { ServerLimits } from "./limits.ts";

/** Place to listen: a host and a port, or a socket that the service manager has bound. */
export type ListenPlace = { hostname: string; port: number } | { descriptor: number };

/** Certificate and key of TLS, in PEM. */
export interface TlsFiles {
  certificate: string;
  key: string;
}

/** Answers a request; rejections close the connection. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Connections that the kernel holds before they are accepted. */
const BACKLOG = 128;
/**
 * Requests of one connection that are answered at once. Clients that wait for each answer, as
 * browsers do, can have a second one here while the end of the first is not yet noticed; pipelined
 * requests (RFC 9112, section 9.3.2) end the connection.
 */
const ANSWERS_MOST = 2;

/** A server that listens. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #connections: Connections;

  private constructor(server: Server, connections: Connections) {
    this.#server = server;
    this.#connections = connections;
  }

  /**
   * Starts to listen.
   *
   * @param place Place to listen.
   * @param tls Certificate and key; undefined for HTTP.
   * @throws {OutputError} If it cannot listen there.
   * @throws {InputError} If certificate and key are of no use.
   */
  static async open(
    place: ListenPlace,
    tls: TlsFiles | undefined,
    answer: Answer,
    limits: ServerLimits,
  ): Promise<HttpServer> {
    const connections = new Connections(limits.connections);
    const server = makeServer(tls, limits);
    server.on("connection", (socket: Socket) => connections.add(socket));
    const answers = new WeakMap<Socket, number>();
    const onRequest = (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      const before = answers.get(socket) ?? 0;
      // A client that never reads would have answers queued for as long as it sends requests.
      if (before === ANSWERS_MOST) return void cut(socket);
      answers.set(socket, before + 1);
      connections.answer(socket);
      response.once("close", () => {
        const left = answers.get(socket)! - 1;
        answers.set(socket, left);
        if (left === 0) connections.rest(socket);
      });
      answer(request, response).catch(() => socket.destroy());
    };
    // An Expect is no reason for an answer of Node's own, which is not counted.
    for (const event of ["request", "checkContinue", "checkExpectation"]) {
      server.on(event, onRequest);
    }
    // A head that is too large, too slow or none: Node answers in its own words, the connection ends.
    server.on("clientError", (_error: Error, socket: Socket) => socket.destroy());
    server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
    server.on("upgrade", (_request: IncomingMessage, socket: Socket) => socket.destroy());
    server.on("connect", (_request: IncomingMessage, socket: Socket) => socket.destroy());
    await listen(server, place);
    return new HttpServer(server, connections);
  }

  /** Host and port that it listens on; port 0 for a Unix socket of the service manager. */
  get address(): { hostname: string; port: number } {
    const address = this.#server.address() as AddressInfo | null;
    return { hostname: address?.address ?? "localhost", port: address?.port ?? 0 };
  }

  /** Closes all connections and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#connections.close();
    await closed.promise;
  }
}

/** Ends a connection, and ignores the requests in the bytes that were read already. */
function cut(socket: Socket): void {
  // Node's parser goes on to the end of a piece: thousands of requests, each with its answer.
  const { parser } = socket as Socket & { parser?: { onIncoming?: () => number } | null };
  if (parser) parser.onIncoming = () => 0;
  socket.destroy();
}

function makeServer(tls: TlsFiles | undefined, limits: ServerLimits): Server {
  const options = {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    // Answered here, and counted.
    requireHostHeader: false,
    // There are no bodies.
    requestTimeout: limits.headMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(1000, limits.headMs),
    // Small events leave at once.
    noDelay: true,
  };
  if (tls === undefined) return createServer(options);
  try {
    const secure = { cert: tls.certificate, key: tls.key, handshakeTimeout: limits.headMs };
    return createTlsServer({ ...options, ...secure }) as unknown as Server;
  } catch (error) {
    throw new InputError("tls", `Cannot use the certificate and its key: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function listen(server: Server, place: ListenPlace): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  if ("descriptor" in place) server.listen({ fd: place.descriptor }, resolve);
  else server.listen({ host: place.hostname, port: place.port, backlog: BACKLOG }, resolve);
  try {
    await promise;
  } catch (error) {
    const where = "descriptor" in place
      ? `descriptor ${place.descriptor} of the service manager`
      : `${place.hostname}:${place.port}`;
    throw new OutputError(where, `Cannot listen on ${where}: ${reasonOf(error)}`, { cause: error });
  } finally {
    server.removeListener("error", reject);
  }
}

function reasonOf(error: unknown): string {
  switch ((error as { code?: string }).code) {
    case "EADDRINUSE":
      return "another process listens there; choose another port with --listen";
    case "EACCES":
      return "ports below 1024 are root's; choose another one with --listen";
    case "EADDRNOTAVAIL":
      return "no interface has this address";
    default:
      return messageOf(error);
  }
}
