import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { SpacedriveError } from "@spacedrive/wire";
import type { OwnPackage } from "../own-package.js";
import { projectPackageJson } from "./package-json.js";
import { packCheckout, type PackageSpecs, registrySpecs, tarballSpecs } from "./package-source.js";
import { classNameOf, titleOf } from "./project-name.js";

export interface CreateOptions {
  /** The new folder; its last part is the extension's id, and has been checked. */
  readonly folder: string;
  /** A folder of tarballs to take the platform's packages from. Default: the checkout sdx runs from, else the registry. */
  readonly packages?: string;
  /** A Node that the project brings itself. */
  readonly node: string | null;
  readonly own: OwnPackage;
  /** Told what happens that the user may not expect. */
  readonly note: (line: string) => void;
}

export interface CreatedProject {
  readonly folder: string;
  readonly name: string;
  /** Relative paths, in order. */
  readonly files: readonly string[];
}

const TEMPLATE_ENDING = ".template";

/**
 * Makes the folder of a new extension.
 *
 * @throws SpacedriveError `CONFLICT` where the folder has something in it, `NOT_FOUND` for missing tarballs.
 */
export function createProject(options: CreateOptions): CreatedProject {
  const folder = resolve(options.folder);
  const name = basename(folder);
  const isNew = !existsSync(folder);
  if (!isNew) refuseUsedFolder(folder, options.folder);

  mkdirSync(folder, { recursive: true });
  try {
    const specs = packageSpecs(options, folder);
    const files = new Map([["package.json", projectPackageJson({ name, specs, node: options.node })]]);
    for (const [path, text] of readTemplate(join(options.own.folder, "templates", "extension"))) {
      files.set(fillIn(path, name), fillIn(text, name).replaceAll("@spacedrive/", `${options.own.scope}/`));
    }
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return { folder, name, files: [...files.keys()].sort() };
  } catch (error) {
    if (isNew) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function refuseUsedFolder(folder: string, named: string): void {
  if (!statSync(folder).isDirectory())
    throw new SpacedriveError("CONFLICT", `"${named}" exists already, and is a file.`);
  const [first] = readdirSync(folder);
  if (first === undefined) return;
  throw new SpacedriveError(
    "CONFLICT",
    `The folder "${named}" exists already and is not empty (it holds ${first}). Take another name, or empty it first.`,
  );
}

function packageSpecs({ packages, own, note }: CreateOptions, folder: string): PackageSpecs {
  if (packages !== undefined) return tarballSpecs(packages, folder, own);
  if (own.checkout === null) return registrySpecs(own);
  const destination = join(folder, ".sdx", "packages");
  note(
    `sdx runs from a checkout, so the project gets that checkout's packages, packed into ${relative(folder, destination)}.`,
  );
  packCheckout(own.checkout, destination);
  return tarballSpecs(destination, folder, own);
}

function fillIn(text: string, name: string): string {
  return text
    .replaceAll("{{name}}", name)
    .replaceAll("{{title}}", titleOf(name))
    .replaceAll("{{class}}", classNameOf(name));
}

/** The template's files; their ending keeps compilers, linters and npm's ignore rules away from them. */
function readTemplate(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(TEMPLATE_ENDING))
    .map((path) => [path.slice(0, -TEMPLATE_ENDING.length), readFileSync(join(folder, path), "utf8")]);
}
