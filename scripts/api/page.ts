/**
 * The page of the API: what `mod.ts` and `testing.ts` export, topic by topic.
 *
 * @module
 */

import {
  type Comment,
  type Declaration,
  type Doc,
  type DocSymbol,
  type Member,
  memberText,
  paramsText,
  typeText,
} from "./doc.ts";

/** What one wants to do, and the files whose names serve it. */
interface Topic {
  title: string;
  text: string;
  files: RegExp;
  /** Names to begin with; the others follow as they are exported. */
  first?: readonly string[];
}

/** A name belongs to the first topic that has its file. */
const TOPICS: readonly Topic[] = [
  {
    title: "Capture packets",
    text: "A capture is an iterator; it ends with its signal, or when the loop is left.",
    files: /^src\/(capture|source\/)/,
  },
  {
    title: "Look at a packet",
    text: "What the kernel told about a packet, and the headers in it. What a packet does not " +
      "have is `undefined`, never 0.",
    files: /^src\/packet\/(packet|packet_headers|interface|layers)\.ts$/,
    first: ["Packet", "PacketHeaders"],
  },
  {
    title: "Decide about packets",
    text: "A script for `nfscribe run` exports one function; types and matchers are here. " +
      "[filters.md](filters.md) has recipes.",
    files: /^src\/filter\//,
    first: ["Filter", "Verdict", "FilterContext", "FilterModule", "cidr", "ports"],
  },
  {
    title: "Write files",
    text: "The files that `nfscribe run` writes, for programs of your own.",
    files: /^src\/output\//,
  },
  {
    title: "Test a filter",
    text: 'These are exported by `"nfscribe/testing"`.',
    files: /^src\/testing\//,
    first: ["packet", "filterContext", "packetsFrom"],
  },
  {
    title: "Errors",
    text: "What can be caught. Messages say what was tried, what is wrong and what to do.",
    files: /^src\/errors\.ts$/,
  },
  {
    title: "Headers",
    text: "To be looked up: the properties of `packet.tcp`, `packet.ipv4` and the others.",
    files: /^src\/packet\//,
  },
];

const HEAD = `# The library

Everything that \`"nfscribe"\` and \`"nfscribe/testing"\` export. The first two topics are enough to
begin with; an editor shows the same texts. Made from the sources by \`deno task api\`: what is
wrong here is mended there.
`;

/**
 * The page, in Markdown that `deno fmt` has still to lay out.
 *
 * @param doc What `deno doc --json` says.
 * @param root The address of the project's folder.
 * @throws {Error} If a name belongs to no topic.
 */
export function apiPage(doc: Doc, root: string): string {
  const symbols = Object.values(doc.nodes).flatMap(({ symbols }) => symbols);
  const byTopic = Map.groupBy(symbols, (symbol) => topicOf(symbol, root));
  const topics = TOPICS.map((topic) => [topic, inOrder(topic, byTopic.get(topic) ?? [])] as const);
  const index = topics.map(([{ title }, symbols]) =>
    `- [${title}](#${anchor(title)}): ${symbols.map(({ name }) => `\`${name}\``).join(", ")}`
  );
  const parts = topics.map(([{ title, text }, symbols]) =>
    [`## ${title}`, text, ...symbols.map(symbolText)].join("\n\n")
  );
  return [HEAD, index.join("\n"), ...parts].join("\n\n");
}

function topicOf({ name, declarations }: DocSymbol, root: string): Topic {
  const file = declarations[0]!.location.filename.slice(root.length);
  const topic = TOPICS.find(({ files }) => files.test(file));
  if (topic === undefined) {
    throw new Error(`${name} of ${file} has no topic in scripts/api/page.ts`);
  }
  return topic;
}

function inOrder({ first = [] }: Topic, symbols: readonly DocSymbol[]): DocSymbol[] {
  const place = ({ name }: DocSymbol) => (first.indexOf(name) + 1) || Infinity;
  return symbols.toSorted((a, b) => place(a) === place(b) ? 0 : place(a) - place(b));
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

function symbolText({ name, declarations }: DocSymbol): string {
  const declaration = declarations[0]!;
  const { jsDoc = {}, def } = declaration;
  const members = [...def.properties ?? [], ...def.methods ?? []].filter(isForReaders);
  return [
    ...signature(name, declarations),
    paragraph(jsDoc),
    members.map((member) => `- \`${memberText(member)}\`: ${sentence(member.jsDoc)}`).join("\n"),
    ...examples(jsDoc),
  ].filter((part) => part !== "").join("\n\n");
}

/** What is static, or begins with a symbol, serves nfscribe's own parts and the language. */
function isForReaders({ name, isStatic, accessibility }: Member): boolean {
  return isStatic !== true && accessibility === undefined && !name.startsWith("[");
}

/** The heading, and what does not fit into it. */
function signature(name: string, declarations: readonly Declaration[]): string[] {
  const { kind, def } = declarations[0]!;
  switch (kind) {
    case "function": {
      const text = `function ${name}${paramsText(def.params ?? [])}: ${typeText(def.returnType!)}`;
      return [`### ${name}()`, `\`\`\`ts\n${text}\n\`\`\``];
    }
    case "typeAlias":
      return [`### type ${name}`, `\`\`\`ts\ntype ${name} = ${typeText(def.tsType!)}\n\`\`\``];
    default: {
      // A class may have an interface beside it that tells what else it has.
      const bases = declarations.flatMap(({ def: { extends: base = [] } }) =>
        typeof base === "string" ? [base] : base.map(typeText)
      );
      const faces = def.implements?.map(typeText);
      const words = [
        `### ${kind} ${name}`,
        ...bases.length === 0 ? [] : [`extends ${bases.join(", ")}`],
        ...faces === undefined ? [] : [`implements ${faces.join(", ")}`],
      ];
      return [words.join(" ").replaceAll("<", "\\<")];
    }
  }
}

/** The first paragraph of a comment. */
function paragraph({ doc = "" }: Comment): string {
  return doc.split("\n\n")[0]!.trim().replaceAll(/\{@link(?:code)? (\w+)\}/g, "`$1`");
}

/** Its first sentence. */
function sentence(comment: Comment = {}): string {
  const text = paragraph(comment).replaceAll(/\s+/g, " ");
  return /^.*?[.](?= [A-Z`]|$)/.exec(text)?.[0] ?? text;
}

/** A line with a name of its own is there for the checker of unused names. */
const FOR_CHECKER = /^console\.log\(\w+\.name\);\n/gm;

function examples({ tags = [] }: Comment): string[] {
  return tags.filter(({ kind }) => kind === "example").map(({ doc = "" }) => {
    const [title, ...code] = doc.split("\n");
    const text = code.join("\n").replace(/^```ts .*$/m, "```ts").replaceAll(FOR_CHECKER, "");
    return `${title}:\n\n${text}`;
  });
}
