/**
 * The suite of all outputs, for the journal, with a receiver of datagrams.
 *
 * @module
 */

import { UnixSocket } from "../../ffi/unix_socket.ts";
import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { partOf } from "../conformance/system/numbered_output.ts";
import { numbersIn, testWriters } from "../conformance/system/writer_suite.ts";
import { concat } from "../packet/sample.ts";
import { temporaryFolder } from "./process.ts";

const fixture = outputFixtures.journal!;
/** Time for what the last batch has sent. */
const WAIT_MS = 100;

/** Receives entries, each in a datagram, as the journal does. */
class EntryReceiver implements AsyncDisposable {
  readonly #socket = UnixSocket.open("datagram");
  readonly #entries: Uint8Array<ArrayBuffer>[] = [];
  readonly #done: Promise<void>;
  #isOver = false;

  constructor(path: string) {
    this.#socket.bind(path);
    this.#done = this.#receive();
  }

  /** Returns the entries so far, each with the empty line that ends it. */
  entries(): Uint8Array<ArrayBuffer> {
    this.#take();
    return concat(...this.#entries.flatMap((entry) => [entry, Uint8Array.of(0x0a)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#done;
    await this.#socket.close();
  }

  async #receive(): Promise<void> {
    while (!this.#isOver) {
      if (await this.#socket.wait(WAIT_MS)) this.#take();
    }
  }

  #take(): void {
    for (let message; (message = this.#socket.receive()) !== undefined;) {
      this.#entries.push(message.bytes.slice());
    }
  }
}

testWriters({
  type: "journal",
  fixture,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const table = { ...variant, ...fixture.place(path) };
    const receiver = new EntryReceiver(`${path}/journal.sock`);
    return {
      folder: path,
      table,
      arrived: () =>
        Promise.resolve(numbersIn(fixture, receiver.entries(), partOf("journal", table).options)),
      tear: () => Promise.resolve(),
      async [Symbol.asyncDispose]() {
        await receiver[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
});
