/** The npm scope of every package of this repository. `rename-scope.ts` changes it, here and everywhere. */
export const SCOPE = "@spacedrive";
