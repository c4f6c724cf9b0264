/**
 * The suite of all outputs, for syslog, with a receiver; and what a kill and a restart lose.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { takenBeforeKill } from "../conformance/system/killed_writer.ts";
import { NumberedOutput, partOf } from "../conformance/system/numbered_output.ts";
import { numbersIn, testWriters } from "../conformance/system/writer_suite.ts";
import { temporaryFolder, until } from "./process.ts";

const fixture = outputFixtures.syslog!;

/** Receiver of messages over TCP. */
class MessageReceiver implements AsyncDisposable {
  readonly url: string;
  /** Messages with a newline each, and how many connections are open. */
  text = "";
  open = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #done: Promise<void>;

  constructor() {
    this.url = `tcp://127.0.0.1:${this.#listener.addr.port}`;
    this.#done = this.#accept();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.open++;
      new Response(connection.readable).text().then((text) => {
        this.text += withNewlines(text);
        this.open--;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }
}

/** Takes off the lengths before messages (RFC 6587 section 3.4.1), where there are any. */
function withNewlines(text: string): string {
  let lines = "";
  let rest = text;
  for (let head; (head = /^(\d+) /.exec(rest)) !== null;) {
    const end = head[0].length + Number(head[1]);
    lines += `${rest.slice(head[0].length, end)}\n`;
    rest = rest.slice(end);
  }
  return lines + rest;
}

testWriters({
  type: "syslog",
  fixture,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const receiver = new MessageReceiver();
    const table = { ...variant, url: receiver.url };
    return {
      folder: path,
      table,
      async arrived() {
        await until("all connections are closed", () => receiver.open === 0);
        const bytes = new TextEncoder().encode(receiver.text);
        return numbersIn(fixture, bytes, partOf("syslog", table).options);
      },
      tear: () => Promise.resolve(),
      async [Symbol.asyncDispose]() {
        await receiver[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
});

Deno.test("with a spool, a kill loses no message that was taken; some may come twice", async () => {
  await using folder = await temporaryFolder();
  await using receiver = new MessageReceiver();
  const table = {
    url: receiver.url,
    hostname: "gate",
    app_name: "fw",
    spool: `${folder.path}/spool`,
  };
  const taken = await takenBeforeKill("syslog", table, 2000);
  const output = await NumberedOutput.open("syslog", table, 50_000);
  await output.write(50);
  await output.buffered.close();
  await until("all connections are closed", () => receiver.open === 0);
  const bytes = new TextEncoder().encode(receiver.text);
  const numbers = new Set(numbersIn(fixture, bytes, partOf("syslog", table).options));
  for (let number = 0; number < taken; number++) assert(numbers.has(number), `${number} is lost`);
  assertEquals(numbers.has(50_049), true);
});
