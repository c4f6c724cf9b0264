import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Book } from "./book.ts";
import { difference } from "./difference.ts";

/** Returns a document; its fences are of `'''`, so that they can stand in here. */
function book(text: string): Book {
  return new Book("docs/a.md", text.replaceAll("'''", "```"));
}

Deno.test("A document is read into its blocks, with the instructions above them", () => {
  const { blocks } = book(`# One

'''sh
echo 1
'''

'''
1
'''

## Two

Write \`b.ts\`:

'''ts
1;
'''

<!-- until: test -e b.ts -->

'''sh
cat b.ts
'''

It says:

'''
1;
'''
`);
  assertEquals(blocks, [
    { language: "sh", text: "echo 1\n", line: 4, heading: "One", prints: "1\n" },
    { language: "ts", text: "1;\n", line: 16, heading: "Two", file: "b.ts" },
    { language: "sh", text: "cat b.ts\n", line: 22, heading: "Two", until: "test -e b.ts" },
    { language: "", text: "1;\n", line: 28, heading: "Two" },
  ]);
});

Deno.test("What varies is alike, and the rest is not", () => {
  const wanted = "06:22:52 fw input SPT=40512 ID=7 …\n  a   b\n…\nin 12ms\n";
  assertEquals(
    difference(wanted, "12:00:01 fw input SPT=51000 ID=99 LEN=1\na b\nin 3ms\n"),
    undefined,
  );
  assertEquals(
    difference(wanted, "12:00:01 fw input SPT=51000 ID=9 x\na b\nx\ny\nin 1ms\n"),
    undefined,
  );
  assertEquals(
    difference("a\nb 22\n", "a\nb 23\n"),
    "does not print line 2 of what it should: b 22",
  );
  assertEquals(difference("a\n", "a\nb\n"), "prints more than it should");
  assertEquals(difference("a.c\n", "abc\n"), "does not print line 1 of what it should: a.c");
});

Deno.test("A walk runs blocks in one shell, with files, background jobs and waiting", async () => {
  await book(`
'''sh
word=there
(sleep 0.1; echo late > file; echo $word) &
'''

'''
there
'''

In \`text.txt\`:

'''text
written
'''

<!-- until: test -e file -->

'''sh
cat file text.txt
echo $word
'''

'''
late
written
there
'''

'''console
exit 1
'''
`).walk();
});

Deno.test("A block of console is typed where a walk has words for it, and files go where the shell is", async () => {
  await book(`
'''console
$ mkdir ADDRESS && cd ADDRESS
said before
'''

Write \`a.txt\`:

'''text
$HOME
'''

'''sh
cat a.txt ../there/a.txt
'''

'''
$HOME
$HOME
'''
`).walk({ fill: { ADDRESS: "there" } });
});

for (
  const [name, text, message] of [
    ["A command that fails", "echo 1\nfalse\necho 2\n", "docs/a.md:2: exit status 1"],
    ["An unset variable", "echo $nothing\n", "docs/a.md:2: exit status 1"],
    ["A command that does not end", "sleep 9\n", "docs/a.md:2: not done after 500 ms"],
    ["Wrong output", "echo 1\n'''\n\n'''\n2\n", "docs/a.md:2: does not print line 1"],
  ] as const
) {
  Deno.test(`${name} fails the walk, with the document's line`, async () => {
    await assertRejects(
      () => book(`'''sh\n${text}'''\n`).walk({ deadlineMs: 500 }),
      Error,
      message,
    );
  });
}

Deno.test("Waiting that no block of sh follows is an error", () => {
  assertThrows(
    () => book("<!-- until: true -->\n\nThen:\n\n'''sh\ntrue\n'''\n"),
    Error,
    'docs/a.md: an "until" that is not straight above a block of sh',
  );
});
