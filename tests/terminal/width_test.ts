import { assertEquals } from "@std/assert";
import { cutEnd, cutMiddle, fold, padEnd, textWidth } from "../../src/terminal/width.ts";

Deno.test("textWidth() counts columns, not characters", () => {
  assertEquals(textWidth("drop: eth0"), 10);
  assertEquals(textWidth("Schlüssel"), 9);
  assertEquals(textWidth("u\u0308"), 1, "a combining mark");
  assertEquals(textWidth("防火墙"), 6);
  assertEquals(textWidth("🔥"), 2);
  assertEquals(textWidth("a\u200bb"), 2, "a space of no width");
});

Deno.test("Text that is cut fills the width, and marks the cut", () => {
  assertEquals(cutEnd("203.0.113.7", 11), "203.0.113.7");
  assertEquals(cutEnd("203.0.113.7", 6), "203.0…");
  assertEquals(cutEnd("防火墙", 4), "防…", "half a character is none");
  assertEquals(cutEnd("abc", 0), "");
  assertEquals(cutMiddle("2001:db8::1", 11), "2001:db8::1");
  assertEquals(cutMiddle("[2001:db8:1:2:3:4:5:6]:443", 11), "[2001…]:443");
  assertEquals(cutMiddle("abc", 1), "…");
  assertEquals(cutMiddle("abc", 0), "");
  for (let width = 0; width < 20; width++) {
    assertEquals(textWidth(cutEnd("0123456789abcdefghijkl", width)), width);
    assertEquals(textWidth(cutMiddle("0123456789abcdefghijkl", width)), width);
  }
});

Deno.test("padEnd() fills up to a width, and leaves what is wider", () => {
  assertEquals(padEnd("墙", 4), "墙  ");
  assertEquals(padEnd("abcde", 4), "abcde");
});

Deno.test("fold() breaks lines at blanks, further in than they begin, and no word", () => {
  assertEquals(fold("one two three\n  four five\n", 80), "one two three\n  four five\n");
  assertEquals(fold("one two three four\n", 10), "one two\n    three\n    four\n");
  assertEquals(fold("  four five sixes", 12), "  four five\n      sixes");
  assertEquals(fold("see averylongaddress now", 10), "see\n    averylongaddress\n    now");
  assertEquals(fold("  averylongaddress", 10), "  averylongaddress");
});
