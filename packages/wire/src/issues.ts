import type { z } from "zod";

/** The first few problems of a failed parse in one line: `count: expected number, received string; …`. */
export function describeIssues(error: z.ZodError, most = 3): string {
  const lines = error.issues.slice(0, most).map((issue) => `${formatPath(issue.path)}: ${issue.message}`);
  const more = error.issues.length - lines.length;
  return lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** A path as a reader writes it: `permissions.methods[2]`; the top is `(top)`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text === "" ? "(top)" : text;
}
