/**
 * How many things of each kind a module may have: far above what compilers make, and low enough that a module of the
 * largest counts is read, compiled and started in a second, within the heap of a guest's thread. docs/abi.md lists them.
 */
export const MODULE_COUNTS = {
  sections: 1_000,
  types: 10_000,
  parameters: 128,
  results: 16,
  /** Parameters and results of all types together. */
  typeValues: 250_000,
  imports: 1_000,
  functions: 100_000,
  tables: 100,
  memories: 100,
  tags: 1_000,
  globals: 100_000,
  exports: 10_000,
  elementSegments: 100_000,
  /** Of all element segments together. */
  elements: 1_000_000,
  dataSegments: 100_000,
  /** Of an expression that gives a global, an element or an offset its value. */
  constantInstructions: 100,
} as const;
