import { assertEquals, assertThrows } from "@std/assert";
import { findGroup, findUser } from "../../ffi/user_database.ts";
import { credentialsOf } from "../../src/privileges/user.ts";
import { ConfigError } from "../../src/errors.ts";
import { must } from "./process.ts";

const id = async (...args: readonly string[]) =>
  (await must(["id", ...args])).trim().split(" ").map(Number);

Deno.test("users are found by name and by number, with the groups that id tells", async () => {
  const names = (await Deno.readTextFile("/etc/passwd")).trim().split("\n").map((line) =>
    line.split(":")[0]!
  );
  for (const name of names.slice(0, 40)) {
    const user = findUser(name)!;
    assertEquals([user.uid, user.gid], [...await id("-u", name), ...await id("-g", name)], name);
    assertEquals(user.groups(user.gid).sort(), (await id("-G", name)).sort(), name);
    assertEquals(findUser(user.uid)?.uid, user.uid);
  }
});

Deno.test("groups are found by name", async () => {
  const [group] = (await Deno.readTextFile("/etc/group")).trim().split("\n").map((line) =>
    line.split(":")
  );
  assertEquals(findGroup(group![0]!), Number(group![2]));
});

Deno.test("another primary group joins the other groups", () => {
  assertEquals(findUser(0)!.groups(64322).includes(64322), true);
});

Deno.test("who is not there is not found", () => {
  assertEquals([findUser("no-such-user"), findGroup("no-such-group")], [undefined, undefined]);
  assertEquals(findUser(64321), undefined);
});

/** Returns the problems of a user and a group, one a line. */
function problems(user: string | number, group?: string | number): string {
  const error = assertThrows(
    () => credentialsOf({ user, ...group !== undefined && { group } }, "nfscribe.toml"),
    ConfigError,
  );
  return error.message;
}

Deno.test("a user that cannot be become is an error of the configuration", async () => {
  assertEquals(
    problems("no-such-user", 1),
    'nfscribe.toml: user: there is no user "no-such-user"; name another one, or add it: ' +
      "useradd --system --no-create-home --shell /usr/sbin/nologin no-such-user",
  );
  assertEquals(
    problems("nobody", "no-such-group"),
    'nfscribe.toml: group: there is no group "no-such-group"; name another one, or add it: ' +
      "groupadd --system no-such-group",
  );
  assertEquals(
    problems(64321),
    "nfscribe.toml: group: is missing: the system knows no user 64321",
  );
  assertEquals(
    problems(0, 1),
    "nfscribe.toml: user: 0 is root, who may do everything; name another user",
  );
  const [self] = await id("-u");
  if (self === 0) return;
  assertEquals(
    problems(64321, 1),
    `nfscribe.toml: user: user ${self} cannot become 64321; ` +
      "start nfscribe as root, or as 64321 itself, or leave user out",
  );
});

Deno.test("without a user, none is changed to", () => {
  assertEquals(credentialsOf({}, "nfscribe.toml"), undefined);
});
