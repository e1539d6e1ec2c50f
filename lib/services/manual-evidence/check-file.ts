import { AppError } from "#lib/errors.ts";
import { FILE_TYPES, MOST_FILE_BYTES } from "#lib/services/manual-evidence/manual-evidence-view.ts";

export type BroughtFile = { fileName: string; content: Uint8Array };

const LONGEST_NAME = 200;

/** How files of a type begin; those that are not here are text. */
const SIGNATURES: Readonly<Record<string, readonly number[]>> = {
  "application/pdf": [0x25, 0x50, 0x44, 0x46, 0x2d],
  "image/png": [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  "image/jpeg": [0xff, 0xd8, 0xff],
  // Spreadsheets and documents are zip files as well.
  "application/zip": [0x50, 0x4b, 0x03, 0x04],
  [FILE_TYPES["xlsx"] ?? ""]: [0x50, 0x4b, 0x03, 0x04],
  [FILE_TYPES["docx"] ?? ""]: [0x50, 0x4b, 0x03, 0x04],
};

/**
 * The media type of a file by its name, where its content begins as that type does. What the browser declares is not asked: it goes by
 * the name as well.
 *
 * @throws AppError "invalid_input" for an empty file, another type or another content, "limit_reached" beyond 20 MiB.
 */
export function checkFile({ fileName, content }: BroughtFile): { name: string; mediaType: string } {
  const name = plainName(fileName);
  const mediaType = FILE_TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
  if (mediaType === undefined)
    throw refused(
      name,
      `${name} is of a kind that is not kept.`,
      `Bring one of ${Object.keys(FILE_TYPES).join(", ")}.`,
    );
  if (content.length === 0) throw refused(name, `${name} is empty.`, "Choose another file.");
  if (content.length > MOST_FILE_BYTES)
    throw new AppError("limit_reached", `${name} has ${content.length} bytes; at most ${MOST_FILE_BYTES} are kept.`, {
      remedy: "Bring the part that shows it, or a summary with the hash of the whole.",
      place: { file: name },
    });
  const signature = SIGNATURES[mediaType];
  const fits = signature === undefined ? isText(content) : signature.every((byte, index) => content[index] === byte);
  if (!fits) throw refused(name, `${name} is not what its name says.`, "Save it again in that form, or rename it.");
  return { name, mediaType };
}

function refused(file: string, message: string, remedy: string): AppError {
  return new AppError("invalid_input", message, { remedy, place: { file } });
}

/** Without folders and control characters, as it will be offered for saving again. */
function plainName(fileName: string): string {
  const last = fileName.slice(Math.max(fileName.lastIndexOf("/"), fileName.lastIndexOf("\\")) + 1);
  const plain = last.replaceAll(/\p{C}/gu, "").trim();
  return plain.length > LONGEST_NAME ? plain.slice(-LONGEST_NAME) : plain;
}

function isText(content: Uint8Array): boolean {
  if (content.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
