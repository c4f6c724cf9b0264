import { assert, assertEquals } from "@std/assert";
import { type Connection, needsOf } from "../../src/output/postgres/connection.ts";
import { testUnless } from "../system/test_unless.ts";
import { ENCODED, LACKING, startServer, to } from "./connect_server.ts";

/** Connects in a thread with these permissions. */
async function inWorker(connection: Connection, needs = needsOf(connection)) {
  const values = (name: string) =>
    needs.filter((need) => need.name === name).map(({ value }) => value!);
  const permissions = {
    net: values("net"),
    read: values("read"),
    write: values("write"),
    env: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  };
  const options = { type: "module", deno: { permissions } } as WorkerOptions;
  const worker = new Worker(new URL("./connect_worker.ts", import.meta.url), options);
  const { promise, resolve } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.postMessage(connection);
  const said = await promise;
  worker.terminate();
  return said;
}

testUnless(LACKING, "client() connects in a thread with no other permission", async (t) => {
  await using server = await startServer();
  const { cluster, folder } = server;
  const url = `postgres://scram:${ENCODED}@127.0.0.1:${cluster.port}/postgres`;
  const named = url.replace("127.0.0.1", "localhost");
  const socket = `postgres://scram@/postgres?host=${cluster.folder}&port=${cluster.port}`;
  const verified = `${named}?sslmode=verify-full&sslrootcert=${folder}/ca.crt`;
  for (const address of [url, `${url}?sslmode=disable`, named, verified, socket]) {
    await t.step(
      `with ${needsOf(to(address)).map(({ value }) => value)}`,
      async () => {
        assertEquals(await inWorker(to(address)), "connected as scram");
      },
    );
  }
  for (
    const [address, flags] of [
      [url, `--allow-net=127.0.0.1:${cluster.port}`],
      [named, `--allow-net=localhost:${cluster.port}`],
      [verified, `--allow-net=localhost:${cluster.port} --allow-read=${folder}/ca.crt`],
      [
        socket,
        ["net=unix:", "read=", "write="].map((right) =>
          `--allow-${right}${cluster.folder}/.s.PGSQL.${cluster.port}`
        ).join(" "),
      ],
    ] as const
  ) {
    await t.step(`without rights: ${flags}`, async () => {
      const said = await inWorker(to(address), []);
      assert(said.endsWith(`: a right is missing; run with ${flags}`), said);
    });
  }
});
