import { assert, assertEquals, assertThrows } from "@std/assert";
import { signatureHash } from "../../../src/output/postgres/certificate_hash.ts";
import { type Change, Login } from "../../../src/output/postgres/login.ts";
import { ScramPlus } from "../../../src/output/postgres/scram_plus.ts";
import { sessionOptions } from "../../../src/output/postgres/session_options.ts";
import { unfit } from "../../../src/output/postgres/target_session.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const error = (code: string, message: string) => bytes(`SFATAL\0C${code}\0M${message}\0\0`);

/** Returns the change that a login asks for after messages. */
function changeOf(changes: readonly Change[], ...messages: [type: string, body: Uint8Array][]) {
  const login = new Login({ target: "read-write", changes: new Set(changes) });
  const [last] = messages.map(([type, body]) => login.take(type, body)).slice(-1);
  return typeof last === "object" && "change" in last ? last.change : last;
}

Deno.test("Login passes over a standby, and servers that start or refuse", () => {
  const standby = bytes("in_hot_standby\0on\0");
  const ready: [string, Uint8Array] = ["Z", bytes("I")];
  assertEquals(changeOf(["host"], ["S", standby], ready), "host");
  assertEquals(changeOf(["host"], ["S", bytes("in_hot_standby\0off\0")], ready), "pass");
  assertEquals(changeOf(["host"], ["E", error("57P03", "starting up")]), "host");
  assertEquals(changeOf([], ["E", error("57P03", "starting up")]), "pass");
  const refused = error("28000", "no pg_hba.conf entry");
  assertEquals(changeOf(["encryption", "host"], ["E", refused]), "encryption");
  assertEquals(changeOf(["host"], ["E", refused]), "pass");
  const settings = error("08P01", "unsupported startup parameter: x");
  assertEquals(changeOf(["settings"], ["E", settings]), "settings");
  assertEquals(changeOf([], ["E", settings]), "pass");
  assertEquals(changeOf(["settings"], ["E", error("08P01", "query_wait_timeout")]), "pass");
});

Deno.test("Login fails where the only server is a standby", () => {
  const login = new Login({ target: "primary", changes: new Set() });
  login.take("S", bytes("in_hot_standby\0on\0"));
  const decision = login.take("Z", bytes("I"));
  assert(typeof decision === "object" && "error" in decision && !("change" in decision));
  assertEquals(decision.error.message, "the server is a standby, which cannot be written to");
});

Deno.test("unfit() lets pass what a server does not report", () => {
  assertEquals(unfit("read-write", new Map()), undefined);
  assertEquals(unfit("any", new Map([["in_hot_standby", "on"]])), undefined);
});

/** Returns the outline of a certificate: an element to sign, and its signature's identifier. */
function certificate(identifier: string, filler = 3): Uint8Array {
  const algorithm = Uint8Array.fromHex(identifier);
  const signed = [0x30, 0x82, filler >> 8, filler & 255, ...new Uint8Array(filler)];
  const contents = [...signed, 0x30, algorithm.length + 2, 6, algorithm.length, ...algorithm];
  return Uint8Array.of(0x30, 0x82, contents.length >> 8, contents.length & 255, ...contents);
}

Deno.test("signatureHash() reads the hash of a certificate's signature", () => {
  assertEquals(signatureHash(certificate("2a864886f70d010105")), "sha256");
  assertEquals(signatureHash(certificate("2a864886f70d01010c", 700)), "sha384");
  assertEquals(signatureHash(certificate("2a8648ce3d040304")), "sha512");
});

Deno.test("signatureHash() refuses Ed25519, and every certificate that is cut", () => {
  const says = "has no hash that channel binding knows";
  assertThrows(() => signatureHash(certificate("2b6570")), Error, says);
  const whole = certificate("2a864886f70d01010b");
  for (let length = 0; length < whole.length; length++) {
    assertThrows(() => signatureHash(whole.subarray(0, length)), Error, says);
  }
});

Deno.test("Login with channel binding takes no other login, and no server without a proof", () => {
  const login = () =>
    new Login({
      target: "any",
      changes: new Set(),
      scram: () => new ScramPlus("secret", certificate("2a864886f70d01010b")),
    });
  const kind = (number: number, text = "") => Uint8Array.of(0, 0, 0, number, ...bytes(text));
  const failure = (login: Login, body: Uint8Array) => {
    const decision = login.take("R", body);
    return typeof decision === "object" && "error" in decision ? decision.error.message : decision;
  };
  const offer = kind(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0");
  for (const body of [kind(0), kind(3), kind(5), kind(10, "SCRAM-SHA-256\0\0"), kind(12, "v=x")]) {
    assert(String(failure(login(), body)).includes("the server does not offer it"));
  }
  const cheated = login();
  cheated.take("R", offer);
  assert(String(failure(cheated, kind(0))).includes("does not offer it"));
  const guessed = login();
  guessed.take("R", offer);
  assert(String(failure(guessed, kind(12, "v=AAAA"))).includes("does not know the password"));
  const replayed = login();
  replayed.take("R", offer);
  assert(String(failure(replayed, kind(11, "r=old,s=AAAA,i=1"))).includes("is invalid"));
});

Deno.test("sessionOptions() reads arguments with escaped space", () => {
  assertEquals(sessionOptions(String.raw`-c a=b\ c  -cd.e=\\ --f-g=h=i`), [
    ["a", "b c"],
    ["d.e", "\\"],
    ["f_g", "h=i"],
  ]);
  assertEquals(sessionOptions(" "), []);
});

for (const text of ["-c", "-d 5", "a=b", "-c a", "--=x", "-c 1=2"]) {
  Deno.test(`sessionOptions() refuses ${text}`, () => {
    assertThrows(() => sessionOptions(text), Error, "options may only set parameters");
  });
}
