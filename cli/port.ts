import { createServer } from "node:net";
import { errorCode } from "#lib/db/home.ts";
import { AppError } from "#lib/errors.ts";

/** Throws AppError("invalid_config") where nothing can be served at `host` and `port`. */
export function requireFreePort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(explain(error, host, port)));
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function explain(error: Error, host: string, port: number): AppError {
  const code = errorCode(error);
  const options = { cause: error };
  if (code === "EADDRINUSE") {
    return new AppError("invalid_config", `Port ${port} of ${host} is in use by another program.`, {
      ...options,
      remedy: `Stop that program, or choose another port: PORT=${port + 1} in front of the command.`,
    });
  }
  return new AppError("invalid_config", `Nothing can be served at port ${port} of ${host} (${code}).`, {
    ...options,
    remedy: "Choose others with PORT and BURSAR_HOST.",
  });
}
