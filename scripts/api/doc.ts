/**
 * What `deno doc --json` says about modules, as far as the page of the API uses it;
 * types and members as text.
 *
 * @module
 */

/** Everything about some modules, by their addresses. */
export interface Doc {
  /** The modules. */
  nodes: Record<string, { symbols: DocSymbol[] }>;
}

/** An exported name. */
export interface DocSymbol {
  /** It. */
  name: string;
  /** Where it is declared; the first has its comment. */
  declarations: Declaration[];
}

/** How something is declared. */
export interface Declaration {
  /** Its file. */
  location: { filename: string };
  /** Its comment. */
  jsDoc?: Comment;
  /** What it is. */
  kind: "function" | "class" | "interface" | "typeAlias";
  /** The declaration itself. */
  def: Definition;
}

/** A comment. */
export interface Comment {
  /** Its text. */
  doc?: string;
  /** Its tags. */
  tags?: { kind: string; doc?: string }[];
}

/** A declaration's parts; each kind has some of them. */
export interface Definition {
  /** Of a type. */
  tsType?: Type;
  /** Of a function. */
  params?: Param[];
  /** Of a function. */
  returnType?: Type;
  /** Of a class, a name; of an interface, types. */
  extends?: string | Type[];
  /** Of a class. */
  implements?: Type[];
  /** Of a class or an interface. */
  properties?: Member[];
  /** Of a class or an interface; getters are among them. */
  methods?: Member[];
}

/** What a class or an interface has. */
export interface Member {
  /** Its name. */
  name: string;
  /** Of a method: whether it is a getter. */
  kind?: string;
  /** Its comment. */
  jsDoc?: Comment;
  /** Whether it may be left out. */
  optional?: boolean;
  /** Whether it is the class's own. */
  isStatic?: boolean;
  /** `private` or `protected`. */
  accessibility?: string;
  /** Of a property. */
  tsType?: Type;
  /** Of a class's method. */
  functionDef?: Definition;
  /** Of an interface's method. */
  params?: Param[];
  /** Of an interface's method. */
  returnType?: Type;
}

/** A parameter. */
export interface Param {
  /** `rest` stands around another one. */
  kind: string;
  /** Its name. */
  name?: string;
  /** Whether it may be left out. */
  optional?: boolean;
  /** Its type. */
  tsType?: Type;
  /** What `...` stands in front of. */
  arg?: Param;
  /** What has a default. */
  left?: Param;
}

/** A type. */
export interface Type {
  /** Which kind of type. */
  kind: string;
  /** Its text, for some kinds. */
  repr?: string;
  /** What it is made of; each kind has its own form. */
  value?: unknown;
}

/** A type as TypeScript has it. */
export function typeText({ kind, repr, value }: Type): string {
  switch (kind) {
    case "keyword":
    case "this":
      return repr!;
    case "literal": {
      const { kind, string } = value as { kind: string; string: string };
      return kind === "string" ? JSON.stringify(string) : repr!;
    }
    case "typeRef": {
      const { typeName, typeParams = [] } = value as { typeName: string; typeParams?: Type[] };
      return typeName + (typeParams.length === 0 ? "" : `<${typeParams.map(typeText).join(", ")}>`);
    }
    case "union":
      return (value as Type[]).map(typeText).join(" | ");
    case "array":
      return `${typeText(value as Type)}[]`;
    case "parenthesized":
      return `(${typeText(value as Type)})`;
    case "typeOperator": {
      const { operator, tsType } = value as { operator: string; tsType: Type };
      return `${operator} ${typeText(tsType)}`;
    }
    case "fnOrConstructor": {
      const { params = [], tsType } = value as { params?: Param[]; tsType: Type };
      return `${paramsText(params)} => ${typeText(tsType)}`;
    }
    case "typeLiteral": {
      const { properties = [] } = value as { properties?: Member[] };
      return `{ ${properties.map(memberText).join("; ")} }`;
    }
  }
  throw new Error(`A type of kind ${kind} is new here: add it to scripts/api/doc.ts`);
}

/** Parameters in their parentheses. */
export function paramsText(params: readonly Param[]): string {
  return `(${params.map(paramText).join(", ")})`;
}

/** What is taken apart at once has no name. */
function paramText({ kind, name = "options", optional, tsType, arg, left }: Param): string {
  if (kind === "rest") return `...${arg!.name}: ${typeText((tsType ?? arg!.tsType)!)}`;
  if (kind === "assign") return paramText({ ...left!, optional: true });
  return `${name}${optional ? "?" : ""}: ${typeText(tsType!)}`;
}

/** A member; a getter is a property for whoever reads it. */
export function memberText(member: Member): string {
  const { name, kind, optional, tsType } = member;
  const { params = [], returnType } = member.functionDef ?? member;
  if (kind === "method") {
    return `${name}${optional ? "?" : ""}${paramsText(params)}: ${typeText(returnType!)}`;
  }
  const [type, isAbsent] = withoutUndefined((tsType ?? returnType)!);
  return `${name}${optional || isAbsent ? "?" : ""}: ${typeText(type)}`;
}

/** A type without `undefined`, and whether it had it. */
function withoutUndefined(type: Type): [type: Type, had: boolean] {
  if (type.kind !== "union") return [type, false];
  const rest = (type.value as Type[]).filter(({ repr }) => repr !== "undefined");
  const had = rest.length < (type.value as Type[]).length;
  return [rest.length === 1 ? rest[0]! : { ...type, value: rest }, had];
}
