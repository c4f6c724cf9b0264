import { assertEquals } from "@std/assert";
import {
  parseSubject,
  prefixProblem,
  statusSubject,
  subjectOf,
  subjectsOfKind,
  tokenOf,
} from "../../src/nats/format/subject.ts";

Deno.test("characters that a token cannot hold become underscores", () => {
  assertEquals(tokenOf("fw-1.example.com"), "fw-1_example_com");
  assertEquals(tokenOf("a b*c>d\te\u{1f525}f"), "a_b_c_d_e_f");
  assertEquals(tokenOf(""), "_");
  assertEquals(tokenOf("x".repeat(300)).length, 255);
});

Deno.test("a subject has the host, the source and the kind", () => {
  const subject = subjectOf("logs.nfscribe", "fw.1", "", "packet");
  assertEquals(subject, "logs.nfscribe.fw_1._.packet");
  assertEquals(parseSubject("logs.nfscribe", subject), {
    host: "fw_1",
    source: "_",
    kind: "packet",
  });
  assertEquals(statusSubject("nfscribe", "fw1"), "nfscribe.fw1.nfscribe.status");
});

Deno.test("subjects of other messages are refused", () => {
  for (
    const subject of ["nfscribe", "nfscribe.a.b", "nfscribe.a.b.c", "other.a.b.packet"].concat([
      ...["nfscribe.a..packet", "nfscribe.a.b.c.packet", "nfscribex.a.b.packet"],
    ])
  ) {
    assertEquals(parseSubject("nfscribe", subject), undefined, subject);
  }
});

Deno.test("filters of subjects name each kind", () => {
  assertEquals(subjectsOfKind("nfscribe", "flow"), "nfscribe.*.*.flow");
  assertEquals(subjectsOfKind("nfscribe", "status"), "nfscribe.*.*.status");
});

Deno.test("a prefix has no wildcards and no empty tokens", () => {
  assertEquals(prefixProblem("logs.nfscribe-2"), undefined);
  for (const prefix of ["", ".", "a.", "a..b", "a.*", ">", "a b", "$JS"]) {
    assertEquals(typeof prefixProblem(prefix), "string", prefix);
  }
});
