import { isExtensionId } from "@spacedrive/wire";
import validateNpmName from "validate-npm-package-name";

/** Why a name cannot be an extension's id and its package's name; null where it can. */
export function refuseName(name: string): string | null {
  if (isExtensionId(name)) return refuseNpmName(name);
  if (name === "") return "the name is empty";
  if (["query", "action", "host"].includes(name)) return `"${name}" is a word of the host's own`;
  if (name.length > 64) return "it is longer than 64 characters";
  if (/[A-Z]/.test(name)) return "it has upper-case letters";
  if (!/^[a-z0-9]/.test(name)) return "it does not start with a letter or digit";
  return "only lower-case letters, digits, - and _ are allowed";
}

/** What npm only advises against, such as the names of Node's own modules, is no reason: the package is private. */
function refuseNpmName(name: string): string | null {
  const [reason] = validateNpmName(name).errors ?? [];
  return reason === undefined ? null : `npm refuses it as a package's name (${reason})`;
}

/** `my-first-tool` as people read it: `My First Tool`. */
export function titleOf(name: string): string {
  return wordsOf(name).join(" ");
}

/** `my-first-tool` as a class: `MyFirstTool`; a digit in front gets a word before it. */
export function classNameOf(name: string): string {
  const joined = wordsOf(name).join("");
  return /^[0-9]/.test(joined) ? `Extension${joined}` : joined;
}

function wordsOf(name: string): string[] {
  const words = name.split(/[-_]+/).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
}
