/**
 * Two central nfscribe with the same consumer, one of which is frozen and wakes up again.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { deno, ROOT, temporaryFolder, until } from "../../system/process.ts";
import { Hosts } from "./hosts.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { messagesIn } from "./stream_reader.ts";

const LIMIT_MS = 60_000;
const missing = noServer();

/** A central nfscribe that writes lines of JSON. */
class Central implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(child: Deno.ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  static async start(url: string, folder: string): Promise<Central> {
    await Deno.mkdir(folder);
    await Deno.writeTextFile(
      `${folder}/nfscribe.toml`,
      `[[source]]
type = "nats"
url = "${url}"
create = true
[output.json]
path = "out.json"
[log]
file = "log"
`,
    );
    const [program, ...args] = deno("-A", `${ROOT}main.ts`, "run", "-c", `${folder}/nfscribe.toml`);
    const child = new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).spawn();
    return new Central(child, folder);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until its log has these words. */
  async untilSaid(words: string): Promise<void> {
    const holds = async () => (await read(`${this.#folder}/log`)).includes(words);
    await until(words, holds, LIMIT_MS);
  }

  /** Waits until it has written so many packets; returns their numbers. */
  async written(count: number): Promise<number[]> {
    await until(`${count} packets`, async () => (await this.#numbers()).length >= count, LIMIT_MS);
    return await this.#numbers();
  }

  async #numbers(): Promise<number[]> {
    const lines = (await read(`${this.#folder}/out.json`)).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).sourcePort);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGCONT");
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

Deno.test({
  name: `A frozen central nfscribe is replaced, and stands by once it wakes up${
    missing === undefined ? "" : ` (${missing})`
  }`,
  ignore: missing !== undefined,
  async fn() {
    await using server = await NatsServer.start();
    await using folder = await temporaryFolder();
    await using first = await Central.start(server.url, `${folder.path}/first`);
    await until("the stream", async () => await messagesIn(server.url) !== undefined, LIMIT_MS);
    await using hosts = await Hosts.connect(server.url);
    await hosts.send("fw-a", [0, 1, 2]);
    assertEquals(await first.written(3), [0, 1, 2]);
    await using second = await Central.start(server.url, `${folder.path}/second`);
    await second.untilSaid("stands by");
    await until("all is safe", async () => await messagesIn(server.url) === 0, LIMIT_MS);
    first.signal("SIGSTOP");
    await hosts.send("fw-a", [3, 4]);
    await hosts.send("fw-a", [5, 6]);
    assertEquals(await second.written(4), [3, 4, 5, 6]);
    first.signal("SIGCONT");
    await first.untilSaid("stands by");
    await hosts.send("fw-a", [7]);
    assertEquals(await second.written(5), [3, 4, 5, 6, 7]);
    assertEquals(await first.written(3), [0, 1, 2]);
  },
});
