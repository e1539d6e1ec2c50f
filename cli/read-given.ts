import { readFileSync } from "node:fs";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";
import { givenKeys } from "#lib/reports/bundle/verify-bundle.mjs";

/** A file that was named on the command line. @throws AppError "invalid_input" where it cannot be read. */
export function readGiven(file: string): Buffer {
  return reading(file, () => readFileSync(file));
}

/** Does what reads the file. @throws AppError "invalid_input" instead of what the operating system says. */
export function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError("invalid_input", `${file} cannot be read (${errorCode(thrown)}).`, {
      remedy: "Check the path and its permissions.",
      place: { file },
      cause: thrown,
    });
  }
}

/** The public keys of `--key`, each as PEM. @throws AppError "invalid_input" where the file has none: that says nothing of what is checked. */
export function readGivenKeys(file: string): [string, ...string[]] {
  const text = readGiven(file).toString("utf8");
  try {
    return givenKeys(text, file);
  } catch (thrown) {
    throw new AppError("invalid_input", `${file} is no Ed25519 key.`, {
      remedy: "--key takes a public key in PEM, or the JSON that GET /api/v1/signing-key answers.",
      place: { file },
      cause: thrown,
    });
  }
}
