/** Exchanges messages with the parent, on the sandbox's side. */

import { MessageSocket } from "../../../ffi/socket_pair.ts";
import {
  FromSandbox,
  type Message,
  MESSAGE_MAX,
  messageBytes,
  readMessage,
  ToSandbox,
} from "../messages.ts";
import type { InterfaceNames, MessageSender } from "../message_sender.ts";

/** Faults to send in a second; the parent logs fewer. */
const FAULTS_PER_SECOND = 20;

/** Sends and receives messages. */
export class Channel {
  /** Sends the slot server's messages. */
  readonly sender: MessageSender;
  readonly #socket: MessageSocket;
  #second = 0;
  #faults = 0;

  /** Opens the channel on a socket. */
  constructor(descriptor: number) {
    this.#socket = new MessageSocket(descriptor, MESSAGE_MAX);
    this.sender = {
      log: (message, fields) => this.#tryPost(FromSandbox.LOG, [], [message, ...fields.flat()]),
      suppressed: (messages) => this.#tryPost(FromSandbox.SUPPRESSED, [messages]),
      unfit: (output, etherType) => void this.#tryPost(FromSandbox.UNFIT, [output, etherType]),
      unknownOutput: (name) => void this.#tryPost(FromSandbox.UNKNOWN_OUTPUT, [], [name]),
      fault: (message) => this.#fault(message),
      lines: () => this.post(FromSandbox.LINES),
      names: () => this.#names(),
    };
  }

  /** Sends a message and blocks until there is room for it. */
  post(type: number, numbers: readonly number[] = [], texts: readonly string[] = []): void {
    this.#socket.send(messageBytes(type, numbers, texts), true);
  }

  /**
   * Blocks until a message arrives.
   *
   * @param types Expected types.
   * @throws {Error} If it has another type, or the parent has closed the socket.
   */
  expect(...types: readonly number[]): Message {
    const bytes = this.#socket.receive(true);
    const message = typeof bytes === "string" ? undefined : readMessage(bytes);
    if (message === undefined || !types.includes(message.type)) {
      throw new Error(`The sandbox received an unexpected message: type ${message?.type}`);
    }
    return message;
  }

  #tryPost(type: number, numbers: readonly number[], texts: readonly string[] = []): boolean {
    return this.#socket.send(messageBytes(type, numbers, texts));
  }

  #fault(message: string): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#faults = 0;
    }
    if (this.#faults++ < FAULTS_PER_SECOND) this.#tryPost(FromSandbox.FAULT, [], [message]);
  }

  /** Receives a table, which may take several messages. */
  #names(): InterfaceNames {
    const interfaces: [index: number, name: string][] = [];
    for (;;) {
      const { numbers: [source = 0, isLast, ...indexes], texts } = this.expect(ToSandbox.NAMES);
      indexes.forEach((index, at) => interfaces.push([index, texts[at] ?? ""]));
      if (isLast !== 0) return { source, interfaces };
    }
  }
}
