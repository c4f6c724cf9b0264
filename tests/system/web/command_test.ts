import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { InputError } from "../../../src/errors.ts";
import { VERSION } from "../../../src/version.ts";
import { tokenOf } from "../../../src/web/server/token.ts";
import { startWithSocket } from "../../ffi/passed_socket.ts";
import { IS_ROOT } from "../../kernel/plain_user.ts";
import { authority, certificate } from "../../postgres/certificates.ts";
import { ethernetFile } from "../../source/pcap/sample.ts";
import { deno, exists, hasProgram, must, ROOT, run, temporaryFolder, until } from "../process.ts";
import { freePort } from "../server.ts";
import { WebProcess } from "./web_process.ts";

const NFSCRIBE = `${ROOT}scripts/nfscribe`;

/** Makes a database with one packet. */
async function makeDatabase(path: string): Promise<void> {
  await must([NFSCRIBE, "db", "init", "--sqlite", path]);
  using database = new DatabaseSync(path);
  database.exec(
    "INSERT INTO packets (time, prefix, protocol, length) VALUES (1700000000000000, 'DROP', 17, 40)",
  );
}

Deno.test("web: a database is shown with just the rights to read it", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/fw.db`;
  await makeDatabase(path);
  const address = `127.0.0.1:${freePort()}`;
  const flags = await must([NFSCRIBE, "web", "--sqlite", path, "--listen", address, "--flags"]);
  // With the modules of its thread, from the sources or a bundle of them.
  const modules = flags.replaceAll(`${ROOT}.deno/bundle/`, `${ROOT}src/`);
  assertEquals(modules, `--allow-net=${address}\n--allow-read=${path},${ROOT}src/\n`);
  await using web = await WebProcess.start(
    folder.path,
    ...["web", "--sqlite", "fw.db", "--listen", address],
  );
  assertEquals(web.url.host, address);
  const state = await (await web.get("/api/state")).json();
  assertEquals(state.version, VERSION);
  assertEquals(state.store.kinds[0], { ...state.store.kinds[0], kind: "packet", rows: 1 });
  const page = await (await web.get("/api/records?where=prefix%20DROP")).json();
  assertEquals(page.rows[0].time, "2023-11-14T22:13:20.000000Z");
  const wrong = await web.get("/api/records?where=prefix");
  assertEquals(wrong.status, 400);
  assertEquals((await wrong.json()).place.start, 6);
  assertMatch(await (await web.get("/")).text(), /^<!doctype html>/i);
  assertEquals(await web.end("SIGINT"), 0);
});

Deno.test("web: a database that is missing is shown once it is there", async () => {
  await using folder = await temporaryFolder();
  await using web = await WebProcess.start(
    folder.path,
    ...["web", "--sqlite", "fw.db", "--listen", `127.0.0.1:${freePort()}`],
  );
  assertStringIncludes(
    web.said,
    "Cannot read fw.db: there is no such file; check the path\n" +
      "nfscribe: The page is served, and shows the database as soon as it can be read\n",
  );
  assertEquals((await web.get("/api/records")).status, 502);
  await makeDatabase(`${folder.path}/fw.db`);
  await until("it is read", async () => {
    const answer = await web.get("/api/records");
    const { rows } = await answer.json();
    return answer.status === 200 && rows.length === 1;
  });
});

Deno.test("web: a database that cannot be shown is neither offered nor taken", async () => {
  const { stdout } = await run([NFSCRIBE, "web", "--help"]);
  assert(stdout.includes("--sqlite FILE") && !stdout.includes("--clickhouse"), stdout);
  await using folder = await temporaryFolder();
  const config = `${folder.path}/nfscribe.toml`;
  const only = `[[source]]\ntype = "nflog"\ngroup = 1\n[output.clickhouse]\nurl = "http://db/fw"\n`;
  await Deno.writeTextFile(config, only);
  const refused = await run([NFSCRIBE, "web", "-c", config]);
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.stderr, "has no database of type ");
  const both = `${only}[output.sqlite]\npath = "fw.db"\n`;
  await Deno.writeTextFile(config, both);
  const flags = await must([NFSCRIBE, "web", "-c", config, "--flags"]);
  assertStringIncludes(flags, "/fw.db");
  const named = await run([NFSCRIBE, "web", "-c", config, "--output", "clickhouse"]);
  assertEquals(named.code, 2);
  assertStringIncludes(named.stderr, "nfscribe db query reads a database of type clickhouse");
});

Deno.test("web: a query that never ends ends the thread, with the reason, and the process can end", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/fw.db`;
  await makeDatabase(path);
  {
    using database = new DatabaseSync(path);
    const { names } = database.prepare(
      "SELECT group_concat('0 AS ' || name) AS names FROM pragma_table_info('packets') " +
        "WHERE name <> 'id'",
    ).get() as { names: string };
    database.exec(
      "ALTER TABLE packets RENAME TO others; CREATE VIEW packets AS WITH RECURSIVE endless(id) AS " +
        `(SELECT 1 UNION ALL SELECT id + 1 FROM endless) SELECT id, ${names} FROM endless`,
    );
  }
  const script = `${ROOT}tests/system/web/hung_store.ts`;
  const { code, stdout, stderr } = await run(deno("-A", script, path));
  assertEquals([code, stderr], [7, ""]);
  assertStringIncludes(stdout, "has not answered for 0.5 s: a query does not end");
});

Deno.test("web: --open hands the browser a file that is this user's alone, never the token", async () => {
  await using folder = await temporaryFolder();
  const [bin, session] = [`${folder.path}/bin`, `${folder.path}/session`];
  await Deno.mkdir(bin);
  await Deno.mkdir(session, { mode: 0o700 });
  await makeDatabase(`${folder.path}/fw.db`);
  // The desktop's program, which notes what it is given and what the file is.
  const program = `#!/bin/sh\nstat -c %a "$1" > mode\nprintf %s "$*" > args\ncp "$1" copy\n` +
    "mv copy opened\n";
  await Deno.writeTextFile(`${bin}/xdg-open`, program, { mode: 0o755 });
  const port = freePort();
  const env = { XDG_RUNTIME_DIR: session, PATH: `${bin}:${Deno.env.get("PATH")}` };
  await using web = await WebProcess.startWith(
    env,
    folder.path,
    ...["web", "--sqlite", "fw.db", "--open", "--listen", `127.0.0.1:${port}`],
  );
  await until("it is opened", () => exists(`${folder.path}/opened`));
  const file = `${session}/nfscribe-web-${port}.html`;
  const read = (name: string) => Deno.readTextFile(`${folder.path}/${name}`);
  assertEquals([await read("mode"), await read("args")], ["600\n", file]);
  const [, url] = /content="0; url=(.*?)"/.exec(await read("opened"))!;
  assertEquals(url, web.url.href);
  const answer = await fetch(url!, { redirect: "manual" });
  await answer.body?.cancel();
  assertEquals(answer.status, 303);
  assert(exists(file));
  assertEquals(await web.end("SIGINT"), 0);
  assert(!exists(file));
});

Deno.test("web: --open without a desktop says so, and the page is there", async () => {
  await using folder = await temporaryFolder();
  await makeDatabase(`${folder.path}/fw.db`);
  await Deno.writeTextFile(`${folder.path}/xdg-open`, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
  const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
  for (
    const [session, reason] of [
      ["", "XDG_RUNTIME_DIR, the folder of a desktop's session, is not set"],
      [folder.path, "xdg-open failed"],
    ] as const
  ) {
    await using web = await WebProcess.startWith(
      { ...env, XDG_RUNTIME_DIR: session },
      folder.path,
      ...["web", "--sqlite", "fw.db", "--open", "--listen", `127.0.0.1:${freePort()}`],
    );
    await until(
      "it says so",
      () => web.said.includes(`Cannot open a browser: ${reason}; open the address by hand`),
    );
    assertEquals((await web.get("/api/state")).status, 200);
    await until("nothing is left", () => ![...Deno.readDirSync(folder.path)].some(isPage));
  }
});

function isPage({ name }: Deno.DirEntry): boolean {
  return name.endsWith(".html");
}

Deno.test("web: the token stays the same in a file that is this user's alone", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/token`;
  const args = () => [
    ...["web", "--sqlite", "fw.db", "--token-file", "token"],
    ...["--listen", `127.0.0.1:${freePort()}`],
  ];
  for (let start = 0; start < 2; start++) {
    await using web = await WebProcess.start(folder.path, ...args());
    assertMatch(web.said, / \(the token is in token\)\n/);
    const token = (await Deno.readTextFile(file)).trim();
    assert(!web.said.includes(token));
    assertEquals((await web.get("/api/state", token)).status, 200);
    assertEquals((await web.get("/api/state", `${token}x`)).status, 401);
  }
  assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  await Deno.chmod(file, 0o644);
  const { code, stderr } = await run([
    NFSCRIBE,
    ...args().map((word) => word === "token" ? file : word),
  ]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "others may read it; make it this user's alone: chmod 600");
  await Deno.remove(file);
  await must(["mkfifo", "-m", "600", file]);
  assertThrows(() => tokenOf(file), InputError, "it is a named pipe, not a file");
});

Deno.test({
  name: "web: a token file that another user has made for all to find is refused (needs root)",
  ignore: !IS_ROOT,
  fn: async () => {
    await using folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o1777);
    const file = `${folder.path}/token`;
    await Deno.writeTextFile(file, `${"A".repeat(32)}\n`, { mode: 0o600 });
    assertEquals(tokenOf(file), "A".repeat(32));
    await Deno.chown(file, 65_534, 65_534);
    assertThrows(() => tokenOf(file), InputError, "choose another folder");
  },
});

Deno.test({
  name: "web: HTTPS with a certificate, and cookies for it alone (needs openssl)",
  ignore: !hasProgram("openssl"),
  fn: async () => {
    await using folder = await temporaryFolder();
    const by = await authority(folder.path, "authority");
    const { crt, key } = await certificate(folder.path, by, "fw");
    const port = freePort();
    await using web = await WebProcess.start(
      folder.path,
      ...["web", "--sqlite", "fw.db", "--listen", `0.0.0.0:${port}`, "--host-name", "fw"],
      ...["--tls-certificate", crt, "--tls-key", key],
    );
    assertEquals([web.url.protocol, web.url.host], ["https:", `fw:${port}`]);
    const token = web.url.searchParams.get("token")!;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    using secure = await Deno.startTls(connection, {
      hostname: "fw",
      unsafelyDisableHostnameVerification: true,
      caCerts: [await Deno.readTextFile(by.crt)],
    });
    await secure.write(
      new TextEncoder().encode(
        `GET /?token=${token} HTTP/1.1\r\nhost: fw:${port}\r\nconnection: close\r\n\r\n`,
      ),
    );
    const buffer = new Uint8Array(8192);
    const answer = new TextDecoder().decode(buffer.subarray(0, (await secure.read(buffer))!));
    assertMatch(answer, /^HTTP\/1\.1 303 /);
    assertMatch(answer, new RegExp(`set-cookie: __Host-nfscribe-${port}=.*; Secure\r\n`));
  },
});

Deno.test("web: a service manager's socket is served without the right to listen", async () => {
  await using folder = await temporaryFolder();
  await makeDatabase(`${folder.path}/fw.db`);
  const port = freePort();
  const output = `${folder.path}/output`;
  const variables = "--allow-env=LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES";
  const read = `--allow-read=${folder.path}/fw.db,${ROOT}src/`;
  const command = deno(variables, read, `${ROOT}main.ts`, "web", "--sqlite")
    .concat(`${folder.path}/fw.db`).join(" ");
  const { LISTEN_PID: _, ...env } = Deno.env.toObject();
  using child = startWithSocket(command, port, env, output);
  try {
    await until("the address is printed", async () => /token=/.test(await said(output)))
      .catch(async (error) => {
        throw new Error(`${await said(output)}\n${error.message}`);
      });
    const [, token] = /token=(\S+)/.exec(await said(output))!;
    const answer = await fetch(`http://127.0.0.1:${port}/api/records`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assertEquals((await answer.json()).rows.length, 1);
  } finally {
    child.kill();
  }
});

async function said(output: string): Promise<string> {
  try {
    return await Deno.readTextFile(output);
  } catch {
    return "";
  }
}

Deno.test("web: what cannot be shown, or not there, is refused before anything is opened", async () => {
  await using folder = await temporaryFolder();
  const config = `${folder.path}/nfscribe.toml`;
  const write = (text: string) =>
    Deno.writeTextFile(
      config,
      `[[source]]\ntype = "nflog"\ngroup = 1\n[output.pcap]\npath = "t.pcap"\n${text}`,
    );
  await write("");
  const cases: [args: string[], text: string][] = [
    [["-c", config], "has no database of type postgres, mysql or sqlite, and no [stats] socket"],
    [["--sqlite", "a.db", "--listen", "9478"], "--listen: must be a host and a port"],
    [["--sqlite", "a.db", "--listen", "0.0.0.0:9478"], "--listen: 0.0.0.0:9478 can be reached"],
    [["--sqlite", "a.db", "--tls-key", "k"], "--tls-certificate: is missing, beside tls_key"],
    [["--sqlite", "a.db", "--host-name", "a:1"], "--host-name: must be names without a port"],
    [["--sqlite", "a.db", "--mysql", "mysql://h/d", "--nothing"], "There is no option --nothing"],
  ];
  for (const [args, text] of cases) {
    const { code, stderr } = await run([NFSCRIBE, "web", ...args]);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, text);
  }
  await write(`[web]\noutput = "pcap"\nlisten = "[::]:9478"\nhost = "a"\n`);
  const { code, stderr } = await run([NFSCRIBE, "check", "-c", config]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'web.output: there is no output "pcap" with a database');
  assertStringIncludes(stderr, "web.listen: [::]:9478 can be reached from other hosts");
  assertStringIncludes(stderr, 'web.host: unknown key; did you mean "hosts"?');
});

Deno.test("web: run --web shows what it logs, and ends with it, however it ends", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    await using folder = await temporaryFolder();
    await Deno.writeFile(`${folder.path}/in.pcap`, ethernetFile([]));
    const port = freePort();
    await Deno.writeTextFile(
      `${folder.path}/nfscribe.toml`,
      `[[source]]\ntype = "pcap"\npath = "in.pcap"\nfollow = true\n` +
        `[output.sqlite]\npath = "fw.db"\n[web]\nlisten = "127.0.0.1:${port}"\n`,
    );
    await using both = await WebProcess.start(folder.path, ...[
      "run",
      "-c",
      "./nfscribe.toml",
      "--web",
    ]);
    const state = await (await both.get("/api/state")).json();
    assertEquals(Object.keys(state.stats.outputs), ["sqlite"]);
    assertEquals(state.store.kinds[0].kind, "packet");
    const code = await both.end(signal);
    if (signal === "SIGTERM") assertEquals(code, 0);
    await until("the page has ended", async () => {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port })).close();
        return false;
      } catch {
        return true;
      }
    });
  }
});

Deno.test("web: run --web ends where the page cannot start, and needs a database", async () => {
  await using folder = await temporaryFolder();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await Deno.writeFile(`${folder.path}/in.pcap`, ethernetFile([]));
  const config = `${folder.path}/nfscribe.toml`;
  const write = (output: string) =>
    Deno.writeTextFile(
      config,
      `[[source]]\ntype = "pcap"\npath = "in.pcap"\nfollow = true\n${output}` +
        `[web]\nlisten = "127.0.0.1:${taken.addr.port}"\n`,
    );
  await write(`[output.sqlite]\npath = "fw.db"\nspool = "spool"\n`);
  const refused = await run([NFSCRIBE, "run", "-c", config, "--web"]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "another process listens there; choose another port");
  await write(`[output.pcap]\npath = "out.pcap"\n`);
  const none = await run([NFSCRIBE, "run", "-c", config, "--web"]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "--web shows a database: add one, as in --sqlite nfscribe.db");
});
