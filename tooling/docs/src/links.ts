import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pagePath } from "./code-blocks.ts";

/** A link that leads nowhere. */
export interface DeadLink {
  readonly page: string;
  readonly target: string;
}

const FENCED = /^```[\s\S]*?^```$/gm;
const INLINE_CODE = /`[^`\n]*`/g;
// `[text](target)` and `[name]: target`; a title may follow the target.
const LINK = /\]\(<?([^)>\s]*)>?(?:\s[^)]*)?\)|^ {0,3}\[[^\]]+\]: *<?([^>\s]+)>?/gm;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** The pages of this repository that match the patterns, by their paths from its root. */
export function pagesOf(patterns: readonly string[]): string[] {
  const root = pagePath("");
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
}

/** The relative links of a page that lead to nothing that is there, neither file, folder, nor heading. */
export function deadLinks(page: string, root: string = pagePath("")): DeadLink[] {
  const path = join(root, page);
  return targetsOf(readFileSync(path, "utf8"))
    .filter((target) => !leadsSomewhere(path, target))
    .map((target) => ({ page: relative(root, path), target }));
}

function targetsOf(markdown: string): string[] {
  // Code is taken out by its characters, so that a link around it stays one.
  const prose = markdown.replaceAll(FENCED, "").replaceAll(INLINE_CODE, "code");
  return [...prose.matchAll(LINK)].map((match) => match[1] ?? match[2] ?? "").filter((to) => !HAS_SCHEME.test(to));
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", fragment] = target.split("#", 2);
  const file = path === "" ? page : join(dirname(page), decodeURIComponent(path));
  if (target === "" || path.startsWith("/") || !existsSync(file)) return false;
  return fragment === undefined || (file.endsWith(".md") && headingsOf(file).has(fragment));
}

/** The headings of a page, as links name them. */
function headingsOf(file: string): Set<string> {
  const headings = readFileSync(file, "utf8")
    .replaceAll(FENCED, "")
    .matchAll(/^#+ +(.*)$/gm);
  return new Set([...headings].map((match) => slugOf(match[1] ?? "")));
}

function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
