import { assertEquals } from "@std/assert";
import { ERRNO, errnoName, errnoText } from "../../ffi/errno.ts";

Deno.test("errnoName() is the name of the number, or the number", () => {
  assertEquals([1, 16, 105, 524].map(errnoName), ["EPERM", "EBUSY", "ENOBUFS", "ENOTSUPP"]);
  assertEquals(errnoName(4711), "errno 4711");
});

Deno.test("errnoText() has the meaning and the name", () => {
  assertEquals(errnoText(ERRNO.EPERM), "operation not permitted (EPERM)");
  assertEquals(errnoText(ERRNO.EFAULT), "EFAULT"); // no meaning is listed
  assertEquals(errnoText(4711), "errno 4711");
});
