/**
 * Sends records over TCP, TLS or a Unix socket of type stream.
 *
 * A batch is written once the kernel has all of it. If the connection breaks before, the whole
 * batch is sent again on the next one, so that the receiver may get records twice; records in the
 * kernel's buffers are then lost. Protocols with answers are in `http_writer.ts`.
 */

import { OutputError } from "../../errors.ts";
import type { Writer } from "../output.ts";
import type { CompleteRemoteOptions } from "./options.ts";
import { remoteFailure, within } from "./failure.ts";
import { type Framing, LINES } from "./framing.ts";
import { describeReceiver, type HostReceiver, type UnixReceiver } from "./url.ts";

/** Sends records over a connection, which is made when the first ones are written. */
export class SocketWriter implements Writer {
  /** Always true: a receiver must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the receiver is away. */
  readonly isRemote = true;
  readonly #receiver: HostReceiver | UnixReceiver;
  readonly #options: CompleteRemoteOptions;
  readonly #framing: Framing;
  #connection: Deno.Conn | undefined;
  /** Whether the receiver closed the connection, or it broke. */
  #isBroken = false;

  /**
   * Creates a writer without connecting.
   *
   * @param receiver Receiver of the records.
   * @param options Complete options.
   * @param framing Framing of records; lines by default.
   */
  constructor(
    receiver: HostReceiver | UnixReceiver,
    options: CompleteRemoteOptions,
    framing: Framing = LINES,
  ) {
    this.#receiver = receiver;
    this.#options = options;
    this.#framing = framing;
  }

  /**
   * Sends whole records.
   *
   * @throws {OutputError} If the receiver cannot be reached or does not take them in time.
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      const connection = await this.#connected();
      const framed = this.#framing.frame(bytes);
      for (let at = 0; at < framed.length;) {
        const rest = framed.subarray(at);
        at += await within(connection.write(rest), this.#timeoutMs, "takes no more records");
      }
    } catch (error) {
      this.#disconnect();
      throw remoteFailure(this.#receiver, "send", error);
    }
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    // Sends a FIN behind what the kernel still holds.
    await within(connection.closeWrite(), this.#timeoutMs, "does not close").catch(() => {});
    close(connection);
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #timeoutMs(): number {
    return this.#options.timeoutMs ?? Infinity;
  }

  /** Returns the connection; makes one if there is none, or if the receiver closed it. */
  async #connected(): Promise<Deno.Conn> {
    if (this.#isBroken) this.#disconnect();
    if (this.#connection !== undefined) return this.#connection;
    const opening = connect(this.#receiver, this.#options);
    let isLate = false;
    opening.then((connection) => isLate && close(connection), () => {});
    try {
      this.#connection = await within(opening, this.#timeoutMs, "does not answer");
    } catch (error) {
      isLate = true;
      throw error;
    }
    this.#watch(this.#connection);
    this.#framing.begin?.();
    return this.#connection;
  }

  /** Reads until the receiver closes the connection: the next write would be lost. */
  async #watch(connection: Deno.Conn): Promise<void> {
    const ignored = new Uint8Array(1024);
    try {
      while (await connection.read(ignored) !== null);
    } catch {
      // The connection is closed or broken.
    }
    if (this.#connection === connection) this.#isBroken = true;
  }

  #disconnect(): void {
    if (this.#connection !== undefined) close(this.#connection);
    this.#connection = undefined;
    this.#isBroken = false;
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

/** Connects to a receiver. */
export async function connect(
  receiver: HostReceiver | UnixReceiver,
  { caCertificate, certificate }: CompleteRemoteOptions,
): Promise<Deno.Conn> {
  if (receiver.kind === "unix") {
    return await Deno.connect({ transport: "unix", path: receiver.path });
  }
  const { kind, host: hostname, port } = receiver;
  if (kind === "udp") throw new OutputError(describeReceiver(receiver), "UDP has no connection");
  if (kind === "tcp") return await Deno.connect({ hostname, port });
  return await Deno.connectTls({
    hostname,
    port,
    ...caCertificate !== undefined && { caCerts: [caCertificate] },
    ...certificate,
  });
}
