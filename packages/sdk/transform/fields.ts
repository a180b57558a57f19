import type { Expression } from "assemblyscript";
import { type Literal, literalOf, valueOf } from "./literal.js";
import type { Reporter } from "./reporter.js";

/** What a field of a decorator's argument must be. */
export type FieldRule =
  | { readonly type: "string"; readonly pattern?: RegExp; readonly rule?: string }
  | { readonly type: "boolean" }
  | { readonly type: "integer"; readonly minimum: number }
  | { readonly type: "strings"; readonly pattern?: RegExp; readonly rule?: string }
  | { readonly type: "json" }
  | { readonly type: "one-of"; readonly values: readonly string[] }
  | { readonly type: "object"; readonly fields: FieldRules };

export type FieldRules = Readonly<Record<string, FieldRule & { readonly required?: true; readonly as?: string }>>;

/** `requestsPerMinute` → `requests_per_minute`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Reads `{ … }` by rules; keys come out in snake_case. Every fault is reported at its own place, with a suggestion
 * where a key looks like a known one.
 */
export function readFields(
  argument: Expression,
  rules: FieldRules,
  decorator: string,
  report: Reporter,
): Readonly<Record<string, unknown>> | null {
  const literal = literalOf(argument, (place) =>
    report.error(
      place,
      `${decorator} is read at compile time, so everything in it must be written out: a string, number, boolean, array or object`,
    ),
  );
  if (literal === null) return null;
  return readObject(literal, rules, decorator, report);
}

function readObject(
  literal: Literal,
  rules: FieldRules,
  path: string,
  report: Reporter,
): Readonly<Record<string, unknown>> | null {
  if (literal.kind !== "object") {
    report.error(literal.place, `${path} must be an object: { ${Object.keys(rules).slice(0, 3).join(", ")}, … }`);
    return null;
  }
  const values: [string, unknown][] = [];
  const seen = new Set<string>();
  let valid = true;
  for (const { key, place, value } of literal.entries) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      report.error(place, `${path} has no field \`${key}\`${suggestion(key, Object.keys(rules))}`);
      valid = false;
      continue;
    }
    if (seen.has(key)) report.error(place, `${path} has the field \`${key}\` twice`);
    seen.add(key);
    const read = readField(value, rule, `${path}.${key}`, report);
    if (read === undefined) valid = false;
    else values.push([rule.as ?? snakeCase(key), read]);
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (rule.required !== true || seen.has(key)) continue;
    report.error(literal.place, `${path} needs the field \`${key}\``);
    valid = false;
  }
  return valid ? Object.fromEntries(values) : null;
}

/** Undefined after a fault. */
function readField(literal: Literal, rule: FieldRule, path: string, report: Reporter): unknown {
  const refuse = (expected: string): undefined => {
    report.error(literal.place, `${path} must be ${expected}`);
    return undefined;
  };
  switch (rule.type) {
    case "string":
      if (literal.kind !== "string") return refuse("a string");
      return rule.pattern === undefined || rule.pattern.test(literal.value)
        ? literal.value
        : refuse(rule.rule ?? "another string");
    case "boolean":
      return literal.kind === "boolean" ? literal.value : refuse("true or false");
    case "integer":
      return literal.kind === "number" && Number.isSafeInteger(literal.value) && literal.value >= rule.minimum
        ? literal.value
        : refuse(`an integer of at least ${rule.minimum}`);
    case "strings": {
      if (literal.kind !== "array" || literal.items.some((item) => item.kind !== "string"))
        return refuse("an array of strings");
      const wrong = literal.items.find(
        (item) => item.kind === "string" && rule.pattern !== undefined && !rule.pattern.test(item.value),
      );
      if (wrong !== undefined) {
        report.error(wrong.place, `${path} holds ${rule.rule ?? "other strings"}`);
        return undefined;
      }
      return valueOf(literal);
    }
    case "json":
      return literal.kind === "object" ? valueOf(literal) : refuse("an object");
    case "one-of":
      return literal.kind === "string" && rule.values.includes(literal.value)
        ? literal.value
        : refuse(rule.values.map((value) => `"${value}"`).join(" or "));
    case "object":
      return readObject(literal, rule.fields, path, report) ?? undefined;
  }
}

function suggestion(key: string, known: readonly string[]): string {
  const plain = (text: string): string => text.replace(/[_-]/g, "").toLowerCase();
  const near =
    known.find((candidate) => plain(candidate) === plain(key)) ??
    known.find((candidate) => distance(candidate, key) <= 2);
  return near === undefined ? `; it has ${known.map((one) => `\`${one}\``).join(", ")}` : `; did you mean \`${near}\`?`;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
