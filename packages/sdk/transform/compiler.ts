import * as assemblyscript from "assemblyscript";

// The compiler's enums are `const enum` in its types, which a separate compilation cannot read: so they are read from
// the running compiler, which also survives a renumbering. Nodes are told apart by `kind`, never by `instanceof`: two
// copies of the compiler may be about.
// Proof: the compiler exports each of these as an object of names and numbers; `members` checks every name it is asked for.
const running = assemblyscript as unknown as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

function members<Name extends string>(enumName: string, ...names: readonly Name[]): Readonly<Record<Name, number>> {
  const found = names.map((name): [Name, number] => {
    const value = running[enumName]?.[name];
    if (typeof value !== "number")
      throw new Error(
        `This AssemblyScript has no ${enumName}.${name}: @spacedrive/sdk needs assemblyscript >=0.28.20 <0.29.`,
      );
    return [name, value];
  });
  // Proof: one entry for each of `names`.
  return Object.fromEntries(found) as Record<Name, number>;
}

export const NodeKind = members(
  "NodeKind",
  ...([
    "Source",
    "NamedType",
    "Identifier",
    "Assertion",
    "Binary",
    "Call",
    "Comma",
    "ElementAccess",
    "False",
    "Function",
  ] as const),
  ...([
    "InstanceOf",
    "Literal",
    "New",
    "Null",
    "Omitted",
    "Parenthesized",
    "PropertyAccess",
    "Ternary",
    "Super",
    "This",
    "True",
  ] as const),
  ...([
    "UnaryPostfix",
    "UnaryPrefix",
    "Block",
    "Do",
    "Empty",
    "Export",
    "ExportDefault",
    "Expression",
    "For",
    "ForOf",
    "If",
    "Import",
  ] as const),
  ...([
    "Return",
    "Switch",
    "Throw",
    "Try",
    "Variable",
    "Void",
    "While",
    "ClassDeclaration",
    "EnumDeclaration",
    "FieldDeclaration",
  ] as const),
  ...([
    "FunctionDeclaration",
    "InterfaceDeclaration",
    "MethodDeclaration",
    "NamespaceDeclaration",
    "TypeDeclaration",
    "ImportDeclaration",
    "VariableDeclaration",
  ] as const),
);
export const LiteralKind = members(
  "LiteralKind",
  "Float",
  "Integer",
  "String",
  "Template",
  "RegExp",
  "Array",
  "Object",
);
export const AssertionKind = members("AssertionKind", "NonNull");
export const CommonFlags = members(
  "CommonFlags",
  "Export",
  "Const",
  "Let",
  "Static",
  "Declare",
  "Ambient",
  "DefinitelyAssigned",
  "Constructor",
  "Get",
  "Set",
  "Abstract",
  "Readonly",
);
export const SourceKind = members("SourceKind", "UserEntry", "User");
export const Token = members(
  "Token",
  ...([
    "Ampersand_Ampersand",
    "Bar_Bar",
    "Equals",
    "Plus_Equals",
    "Minus_Equals",
    "Asterisk_Equals",
    "Asterisk_Asterisk_Equals",
  ] as const),
  ...(["Slash_Equals", "Percent_Equals", "LessThan_LessThan_Equals", "GreaterThan_GreaterThan_Equals"] as const),
  ...([
    "GreaterThan_GreaterThan_GreaterThan_Equals",
    "Ampersand_Equals",
    "Bar_Equals",
    "Caret_Equals",
    "Plus_Plus",
    "Minus_Minus",
    "Minus",
    "LessThan",
    "EndOfFile",
  ] as const),
);
export const ArrowKind = members("ArrowKind", "None", "Single");

/** Makes nodes; the compiler's own factory. */
export const make = assemblyscript.Node;
export { Range, Source, Tokenizer } from "assemblyscript";

/** The diagnostic that the compiler keeps for transforms: its text is ours. */
export const transformDiagnostic = members("DiagnosticCode", "Transform_0_1").Transform_0_1;
