// asc resolves `@spacedrive/sdk` to this file; editors read types/index.d.ts.
export * from "./assembly/index";
