import { createServer } from "node:net";
import { AppError } from "#lib/errors.ts";

/** True where something answers for the port on 127.0.0.1. */
export async function isListening(port: number): Promise<boolean> {
  return (await tryPort(port)) === null;
}

/** The wanted port where it is free, otherwise any. */
export async function freePort(wanted: number | null): Promise<number> {
  const port = (wanted === null ? null : await tryPort(wanted)) ?? (await tryPort(0));
  if (port === null) throw new AppError("unavailable", "No port on 127.0.0.1 is free for the embedded database.");
  return port;
}

/** The port if it could be listened on, null if somebody has it. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : null));
    });
  });
}
