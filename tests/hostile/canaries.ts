/**
 * Objects that no filter may reach: a file, a listener, a process, an environment variable. Each is
 * checked afterwards for access.
 *
 * @module
 */

import { environmentVariable } from "../../ffi/environment.ts";

/** Name of the environment variable of nfscribe. */
export const SECRET_VARIABLE = "NFSCRIBE_CANARY";

/** Canaries of one run. */
export interface Canaries extends AsyncDisposable {
  /** Contents of the file and of the variable: must not appear in any output. */
  readonly secret: string;
  /** The file. */
  readonly path: string;
  /** Port of the listener on 127.0.0.1. */
  readonly port: number;
  /** Process id of the process. */
  readonly pid: number;
  /** Environment for nfscribe. */
  readonly environment: Record<string, string>;
  /** Returns a line for each canary that was accessed. */
  touched(): Promise<string[]>;
}

/**
 * Sets up canaries.
 *
 * @param folder Folder of the file.
 */
export async function setUpCanaries(folder: string): Promise<Canaries> {
  const secret = `canary-${crypto.randomUUID()}`;
  const path = `${folder}/secret.txt`;
  await Deno.writeTextFile(path, secret);
  // Every user may read and write it: only the sandbox protects it from filters.
  await Deno.chmod(path, 0o666);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  let connections = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const victim = new Deno.Command("sleep", { args: ["600"], stdin: "null" }).spawn();
  let hasEnded = false;
  const ending = victim.status.then(() => hasEnded = true);
  return {
    secret,
    path,
    port,
    pid: victim.pid,
    environment: { [SECRET_VARIABLE]: secret },
    async touched() {
      const kept = await Deno.readTextFile(path).catch((error) => String(error));
      return [
        ...kept === secret ? [] : [`the file holds ${kept.slice(0, 100)}`],
        ...connections === 0 ? [] : [`the listener was connected to ${connections} times`],
        ...hasEnded ? ["the process has ended"] : [],
        ...environmentVariable(SECRET_VARIABLE) === undefined
          ? []
          : ["the variable is set in the test's own process"],
      ];
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      if (!hasEnded) victim.kill("SIGKILL");
      await ending;
    },
  };
}
