import { assertEquals } from "@std/assert";
import { outputs } from "../../../src/output/outputs.ts";
import { encoders } from "../../../src/output/encoders.ts";
import { checkOutputs } from "../../../src/config/outputs.ts";
import type { ConfigProblem } from "../../../src/errors.ts";
import { requestsOf } from "../../../src/output/json/requests.ts";
import { UNFIT } from "../../../src/record/encoder.ts";
import { concat } from "../../../src/bytes/write.ts";
import { randomPackets } from "../../conformance/packets.ts";

const PACKETS = randomPackets(1, 300);
const EVENT = { seconds: 1_700_000_000, nanoseconds: 5, fields: [["a", 'quoted "b"']] as const };

/** Returns all packets and a line of a filter script as records of a table. */
function records(table: Record<string, unknown>): Uint8Array {
  const problems: ConfigProblem[] = [];
  const [part] = checkOutputs({ json: { hostname: "gate", ...table } }, problems);
  assertEquals(problems, []);
  const output = outputs.json!;
  const options = output.sandboxOptions({ ...output.unopened(part!.options), session: "S" });
  const encoder = encoders.json!.packet!(options);
  const out = new Uint8Array(4_000_000);
  let at = 0;
  for (const packet of PACKETS) {
    const length = encoder.encode(packet, out, at);
    if (length !== UNFIT) at += length;
  }
  at += encoder.encodeEvent!(EVENT, out, at);
  return out.subarray(0, at);
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const linesOf = (bytes: Uint8Array) => textOf(bytes).trimEnd().split("\n");
const PLAIN = linesOf(records({ url: "http://a/" }));

Deno.test("a bulk request has an action with an identifier before each packet's line", () => {
  const lines = linesOf(records({ url: "http://a/_bulk", flavor: "elasticsearch" }));
  assertEquals(lines.length, 2 * PLAIN.length);
  assertEquals(lines.filter((_, index) => index % 2 === 1), PLAIN);
  const ids = new Set<string>();
  for (const [index, packet] of PACKETS.entries()) {
    const { create } = JSON.parse(lines[2 * index]!);
    const { seq } = JSON.parse(PLAIN[index]!);
    assertEquals(create._id, seq === undefined ? undefined : `S:${packet.capture}:${seq}`);
    if (create._id !== undefined) ids.add(create._id);
  }
  assertEquals(lines.at(-2), '{"create":{}}');
});

Deno.test("a Loki request is one document, whose values are times and the same lines", () => {
  const { head, tail, trim, contentType } = requestsOf("loki", 'ga"te');
  const values = records({ url: "http://a/loki/api/v1/push", flavor: "loki" });
  const body = concat([head!, values.subarray(0, values.length - trim!), tail!]);
  const { streams: [stream] } = JSON.parse(textOf(body));
  assertEquals([contentType, stream.stream], [
    "application/json",
    { job: "nfscribe", host: 'ga"te' },
  ]);
  assertEquals(stream.values.map(([, line]: string[]) => line), PLAIN);
  for (const [index, [time]] of stream.values.slice(0, -1).entries()) {
    const micros = BigInt(time) / 1000n;
    const iso = new Date(Number(micros / 1000n)).toISOString().slice(0, -1);
    const shown = JSON.parse(PLAIN[index]!).time as string;
    assertEquals(shown.slice(0, iso.length), iso);
  }
  assertEquals(stream.values.at(-1)[0], "1700000000000000005");
});

Deno.test("answers of the bulk API name the documents that are refused for good", () => {
  const { refused } = requestsOf("elasticsearch", "gate");
  const item = (status: number) => ({ create: { status, error: { type: "t", reason: "r" } } });
  const answer = (...statuses: number[]) =>
    refused!(JSON.stringify({ errors: true, items: statuses.map(item) }), false);
  assertEquals(refused!('{"errors":false}', false), { records: [], reason: "" });
  assertEquals(answer(201, 409, 400, 201, 404), { records: [2, 4], reason: "t: r" });
  for (const status of [429, 503]) assertEquals(answer(201, status, 400), "again");
  for (const text of ["", "no JSON", '{"errors":true,"items":[{}]}']) {
    assertEquals(refused!(text, false), "again");
  }
});

Deno.test("keys that do not fit together are refused", () => {
  const problemsOf = (table: Record<string, unknown>) => {
    const problems: ConfigProblem[] = [];
    checkOutputs({ json: table }, problems);
    return problems.map(({ key, message }) => `${key}: ${message}`);
  };
  assertEquals(problemsOf({}), ["output.json.path: is missing; add it, or a url"]);
  assertEquals(problemsOf({ path: "a", url: "http://b/" }), [
    "output.json.url: is not used with path; leave one of them out",
  ]);
  assertEquals(problemsOf({ path: "a", secret_env: "X" }), [
    "output.json.secret_env: is for a receiver; add a url in place of path",
  ]);
  assertEquals(problemsOf({ url: "tcp://a:1", rotate_size: 5000 }), [
    "output.json.rotate_size: is for a file; add a path in place of url",
  ]);
  assertEquals(problemsOf({ path: "a", eventv1: true, format: "ecs" }), [
    'output.json.eventv1: is for format = "ulogd2"',
  ]);
  assertEquals(problemsOf({ path: "a", label: 3, sequence: ["local"], plugins: ["BASE"] }), [
    'output.json.plugins: is for format = "ulogd2"',
    'output.json.sequence: is for format = "ulogd2"',
    'output.json.label: is for format = "ulogd2"',
  ]);
  assertEquals(problemsOf({ url: "tcp://a:1", compress: "gzip" }), [
    "output.json.compress: is for a file; add a path in place of url",
  ]);
  assertEquals(problemsOf({ url: "udp://a:1", flavor: "loki" }), [
    "output.json.flavor: is for an http: or https: url",
  ]);
});
