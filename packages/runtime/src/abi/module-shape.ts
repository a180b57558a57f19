import type { FunctionType } from "./signature.js";

/** Declared limits of a memory (in pages) or a table (in entries). */
export interface DeclaredLimits {
  readonly min: number;
  readonly max: number | null;
}

export interface MemoryShape extends DeclaredLimits {
  /** What makes it one that we refuse: `shared`, `64-bit` or `custom page size`; null for an ordinary one. */
  readonly oddity: string | null;
}

export interface TableShape extends DeclaredLimits {
  /** The element type's byte as it was read: 0x70 funcref, 0x6f externref. */
  readonly elementType: number;
}

export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

export interface ImportShape {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Of a function; null for the rest. */
  readonly type: FunctionType | null;
}

export interface ExportShape {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Of a function; null for the rest. */
  readonly type: FunctionType | null;
  /** Index among the things of its kind. */
  readonly index: number;
}

/** Where a section stands in the file: from its id byte to its end. */
export interface SectionSpan {
  readonly start: number;
  readonly end: number;
}

/** Something counted in a body. */
export interface BodyCount {
  /** Of the function; imported ones count. */
  readonly index: number;
  readonly count: number;
}

/** What a module's sections say, read without running or compiling it. */
export interface ModuleShape {
  readonly bytes: number;
  readonly types: readonly FunctionType[];
  readonly imports: readonly ImportShape[];
  readonly exports: readonly ExportShape[];
  /** Own ones, without imported ones. */
  readonly memories: readonly MemoryShape[];
  readonly tables: readonly TableShape[];
  readonly memorySection: SectionSpan | null;
  readonly tableSection: SectionSpan | null;
  readonly functionCount: number;
  /** Where each function's body begins in the file, by index; 0 for imported ones. */
  readonly bodyStarts: Uint32Array;
  /** Index (imported ones count) and size of the largest body; null where there is none. */
  readonly largestBody: { readonly index: number; readonly bytes: number } | null;
  /** Of all bodies together, parameters included. */
  readonly locals: number;
  /** The body of most values kept at branches (see `BodyCost`); null where none keeps any. */
  readonly mostBranchValues: BodyCount | null;
  /** Values kept at the branches of all bodies together. */
  readonly branchValues: number;
  /** The body of most loops; null where none has any. */
  readonly mostLoops: BodyCount | null;
  /** The first function that makes a tail call. */
  readonly tailCall: number | null;
  readonly hasStart: boolean;
  /** Where the furthest active data segment of constant offset ends. */
  readonly dataEnd: number;
  readonly hasNames: boolean;
  /** It has the section by which linkers mark a dynamic library. */
  readonly isDynamicLibrary: boolean;
  readonly sourceMapUrl: string | null;
}
