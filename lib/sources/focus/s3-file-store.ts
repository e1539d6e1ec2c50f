import { text } from "node:stream/consumers";
import { AppError } from "#lib/errors.ts";
import type { ObjectClient } from "#lib/sources/focus/client.ts";
import type { FileStore } from "#lib/sources/focus/file-store.ts";

/** A manifest names at most some thousand files; what is larger is something else. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** A prefix of a bucket as a FileStore. */
export function s3FileStore(client: ObjectClient, prefix: string): FileStore {
  const base = prefix.split("/").filter(Boolean).join("/");
  const keyOf = (path: string): string => [base, path].filter(Boolean).join("/");
  return {
    root: `s3://${client.bucket}/${base}`,
    listFolders: (folder) => client.listFolders(keyOf(folder) === "" ? "" : `${keyOf(folder)}/`),
    async readText(path) {
      const answer = await client.get(keyOf(path), null);
      if (answer === null) return null;
      if (answer.state.size > MAX_TEXT_BYTES) {
        answer.body.destroy();
        throw new AppError("bad_data", `s3://${client.bucket}/${keyOf(path)} is too large for a manifest.`);
      }
      return { text: await text(answer.body), version: answer.state.version };
    },
    async describe(path) {
      const state = await client.head(keyOf(path));
      return state === null ? null : { location: `s3://${client.bucket}/${keyOf(path)}`, ...state };
    },
  };
}

/** Bucket and key of a location "s3://bucket/key"; null for a path. */
export function parseS3Location(location: string): { bucket: string; key: string } | null {
  const groups = /^s3:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/s.exec(location)?.groups;
  return groups?.["bucket"] && groups["key"] ? { bucket: groups["bucket"], key: groups["key"] } : null;
}
