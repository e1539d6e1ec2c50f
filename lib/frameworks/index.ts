import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Framework } from "#lib/domain/posture/framework.ts";
import { AppError } from "#lib/errors.ts";
import { importConformancePack, isConformancePack } from "#lib/frameworks/import-conformance-pack.ts";
import { parseFramework } from "#lib/frameworks/parse-framework.ts";

/** The frameworks that come with Bursar stand beside this file. In the pages' bundle `import.meta.dirname` is not known, the address is. */
const FOLDER = dirname(fileURLToPath(import.meta.url));
/** The largest file that is read; the longest framework has a twentieth of it. */
const MOST_BYTES = 4 * 1024 * 1024;

type Kept = { version: string; framework: Framework };
const kept = new Map<string, Kept>();

/**
 * Every framework there is: those that come with Bursar by name, then `ownFiles` (the setting `frameworks`, absolute paths) in their
 * order. Parsed once, and again when a file changes.
 * Throws AppError("invalid_input") with file and line where a file is no framework, "invalid_config" where one cannot be read or two
 * have the same id.
 */
export function listFrameworks(ownFiles: readonly string[] = []): Framework[] {
  return readAll([...shippedIds().map(shippedFile), ...ownFiles]);
}

/**
 * The framework of this id. Of those that come with Bursar only its own file is read, which is named after it.
 * Throws AppError("not_found"), which names those that there are, and what `listFrameworks` throws.
 */
export function loadFramework(id: string, ownFiles: readonly string[] = []): Framework {
  const frameworks = readAll([
    ...shippedIds()
      .filter((name) => name === id)
      .map(shippedFile),
    ...ownFiles,
  ]);
  const framework = frameworks.find((candidate) => candidate.id === id);
  if (framework) return framework;
  const known = [...shippedIds(), ...frameworks.map((candidate) => candidate.id)];
  throw new AppError("not_found", `There is no framework ${id}.`, { remedy: `Choose one of ${known.join(", ")}.` });
}

/** What comes with Bursar does not change while it runs. */
function shippedIds(): readonly string[] {
  shipped ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => basename(name, ".yaml"))
    .toSorted();
  return shipped;
}

let shipped: readonly string[] | null = null;

function shippedFile(id: string): string {
  return join(FOLDER, `${id}.yaml`);
}

function readAll(files: readonly string[]): Framework[] {
  const found = new Map<string, { file: string; framework: Framework }>();
  for (const file of files) {
    const framework = readFramework(file);
    const other = found.get(framework.id);
    if (other)
      throw new AppError("invalid_config", `${other.file} and ${file} are both called ${framework.id}.`, {
        remedy: "Give one of them another id; a conformance pack takes its own from its file's name.",
        place: { file, column: "id", value: framework.id },
      });
    found.set(framework.id, { file, framework });
  }
  return [...found.values()].map(({ framework }) => framework);
}

function readFramework(file: string): Framework {
  const { version, text } = readFile(file, kept.get(file)?.version);
  const known = kept.get(file);
  if (known && text === null) return known.framework;
  const framework = isConformancePack(text ?? "")
    ? importConformancePack(text ?? "", file)
    : parseFramework(text ?? "", file);
  kept.set(file, { version, framework });
  return framework;
}

/** The file's text, null where it is still the version that is known. */
function readFile(file: string, known: string | undefined): { version: string; text: string | null } {
  try {
    const { mtimeMs, size } = statSync(file);
    const version = `${mtimeMs} ${size}`;
    if (size > MOST_BYTES)
      throw new AppError("limit_reached", `${file} has ${size} bytes; a framework has at most ${MOST_BYTES}.`);
    return { version, text: version === known ? null : readFileSync(file, "utf8") };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unreadable";
    throw new AppError("invalid_config", `The framework ${file} cannot be read (${code}).`, {
      remedy: "Check the paths under `frameworks` in bursar.yaml and the file's permissions.",
      place: { file },
      cause: thrown,
    });
  }
}
