import { assertEquals } from "@std/assert";
import { brokerPaths, pathsToRevoke } from "../../src/pipeline/broker.ts";

Deno.test("A script must not go on reading what it was loaded from, unless that was granted", () => {
  const paths = ["/usr/nfscribe/src", "/etc/nfscribe/"];
  const cases: [read: true | string[] | undefined, left: string[]][] = [
    [undefined, paths],
    [[], paths],
    [true, []],
    [["/etc/nfscribe/list.txt", "/etc/nfs", "/usr/nfscribe/sr"], paths],
    [["/etc/nfscribe/"], ["/usr/nfscribe/src"]],
    [["/etc"], ["/usr/nfscribe/src"]],
    [["/"], []],
  ];
  for (const [read, left] of cases) {
    assertEquals(pathsToRevoke(paths, read === undefined ? {} : { read }), left, String(read));
  }
});

Deno.test("A broker reads nfscribe's own modules and the script's folder", () => {
  const [own, script] = [brokerPaths(undefined), brokerPaths("/etc/nfscribe/filter.ts")];
  assertEquals(script, [...own, "/etc/nfscribe/"]);
});
