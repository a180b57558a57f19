import path from "node:path";
import type { Parser, Source } from "assemblyscript";
import type { Transform } from "assemblyscript/asc";
import { Range, SourceKind } from "./compiler.js";
import { unexportClasses } from "./entry-classes.js";
import { type DeclaredExtension, findExtension } from "./extension.js";
import { refuseForbidden } from "./forbidden.js";
import { explainDiagnostics } from "./hints.js";
import { addCodec } from "./json-codec.js";
import { JsonTypes } from "./json-types.js";
import { lowerSource, Numbers } from "./lower.js";
import { manifestText, wasmFileOf } from "./manifest.js";
import { isAuthorSource, isSdkSource, Names, usesSdk } from "./names.js";
import { Reporter } from "./reporter.js";
import { decoratorOf, isClass } from "./syntax.js";
import { addExports } from "./wrappers.js";

const ABORT = "~lib/@spacedrive/sdk/assembly/guest/abort/abort";

/** Programs that this transform has worked on: asconfig.json and the command line may both name it, by two paths. */
const DONE = Symbol.for("@spacedrive/sdk/transform");

type Binaryen = Parameters<NonNullable<Transform["afterCompile"]>>[0];

/**
 * The compiler transform of extensions: `"transform": ["@spacedrive/sdk/transform"]` in asconfig.json. It finds the
 * decorators, lowers what AssemblyScript has no form for, writes exports, registrations and JSON codecs, and, once the
 * module compiles, manifest.json. Behaviour is in the SDK's assembly/.
 */
export default class SpacedriveTransform implements Transform {
  // The compiler puts these on the prototype before it makes an instance.
  declare readonly program: Transform["program"];
  declare readonly binaryen: Transform["binaryen"];
  declare readonly baseDir: string;
  declare readonly stdout: Transform["stdout"];
  declare readonly stderr: Transform["stderr"];
  declare readonly log: Transform["log"];
  declare readonly readFile: Transform["readFile"];
  declare readonly writeFile: Transform["writeFile"];
  declare readonly listFiles: Transform["listFiles"];
  #extension: DeclaredExtension | null = null;
  #report: Reporter | null = null;

  constructor() {
    // Before anything is parsed: after a syntax error no transform is asked again.
    explainDiagnostics(this.program);
  }

  async afterParse(parser: Parser): Promise<void> {
    if (Reflect.get(this.program, DONE) === true) return;
    Reflect.set(this.program, DONE, true);
    this.#setOptions();
    const report = new Reporter(parser);
    const names = new Names(parser);
    const types = new JsonTypes(names, report);
    const authored = parser.sources.filter(isAuthorSource);
    const withSdk = parser.sources.filter(usesSdk);
    for (const source of authored) refuseForbidden(source, report);
    const extension = findExtension(authored, names, types, report);
    for (const source of withSdk) {
      for (const declaration of source.statements.filter(isClass)) {
        if (decoratorOf(declaration, "json") !== undefined) types.class(declaration, source);
      }
    }
    if (report.errors > 0) return;
    const numbers = new Numbers();
    for (const source of withSdk) {
      for (const declaration of source.statements.filter(isClass)) {
        if (decoratorOf(declaration, "json") !== undefined) addCodec(types.class(declaration, source), parser);
      }
      if (!isSdkSource(source)) lowerSource(source, names, numbers, parser, report);
    }
    const entry = parser.sources.find(isEntry);
    if (entry === undefined || report.errors > 0) return;
    if (extension === null) {
      report.error(
        startOf(entry),
        'no @extension class is here, nor in what this file imports: @extension({ id: "my-extension", name: "My Extension", version: "0.1.0" }) class MyExtension { … }',
      );
      return;
    }
    unexportClasses(entry, parser.sources);
    addExports(extension, entry, parser);
    await this.#checkOutFile(extension, report);
    this.#extension = extension;
    this.#report = report;
  }

  async afterCompile(module: Binaryen): Promise<void> {
    if (this.#extension === null || this.#report === null) return;
    for (const foreign of this.#foreignImports(module)) {
      this.#report.error(
        null,
        `the module would import \`${foreign}\`, and the host gives a guest the module "spacedrive" alone`,
      );
    }
    if (this.#report.errors > 0) return;
    await this.writeFile("manifest.json", manifestText(this.#extension), this.baseDir);
  }

  /** Without these the module would import `env.abort`, and run top-level code before the host sees its memory. */
  #setOptions(): void {
    const { options } = this.program;
    options.exportStart ??= "_initialize";
    options.globalAliases ??= new Map();
    options.globalAliases.set("abort", ABORT);
  }

  #foreignImports(module: Binaryen): string[] {
    const found: string[] = [];
    for (let i = 0; i < module.getNumFunctions(); i++) {
      const info = this.binaryen.getFunctionInfo(module.getFunctionByIndex(i));
      if (info.module !== "" && info.module !== "spacedrive") found.push(`${info.module}.${info.base}`);
    }
    return found;
  }

  /** The manifest must name the file that the compiler writes. */
  async #checkOutFile(extension: DeclaredExtension, report: Reporter): Promise<void> {
    const config = await this.readFile("asconfig.json", this.baseDir);
    const written = config === null ? null : outFileIn(config);
    const named = wasmFileOf(extension);
    if (written !== null && path.posix.normalize(written) !== path.posix.normalize(named)) {
      report.error(
        extension.declaration.name,
        `asconfig.json writes "${written}", but the manifest names "${named}": set targets.release.outFile to "${named}"`,
      );
    }
  }
}

function isEntry(source: Source): boolean {
  // Proof: `sourceKind` is a number; the compiler's types call it an enum of theirs.
  return (source.sourceKind as number) === SourceKind.UserEntry && !source.normalizedPath.startsWith("~lib/");
}

function startOf(source: Source): Range {
  const range = new Range(0, 0);
  range.source = source;
  return range;
}

/** `targets.release.outFile`; null where there is none or the file is not what it should be, which asc reports itself. */
function outFileIn(text: string): string | null {
  try {
    // Proof: not parseJson, since what runs in the compiler needs no package of ours; a bad file ends below, and the
    // compiler has said so already. The table of tooling/boundaries lists this file beside Wire's envelope.
    let outFile: unknown = JSON.parse(text);
    for (const key of ["targets", "release", "outFile"]) {
      outFile = typeof outFile === "object" && outFile !== null ? Reflect.get(outFile, key) : null;
    }
    return typeof outFile === "string" ? outFile : null;
  } catch {
    return null;
  }
}
