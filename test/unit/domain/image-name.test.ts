import { expect, test } from "vitest";
import { isSameImage } from "#lib/domain/image-name.ts";

const [A, B] = ["a", "b"].map((letter) => `sha256:${letter.repeat(64)}`);

test.each([
  ["nginx:1.27", "docker.io/library/nginx:1.27"],
  ["nginx:1.27", "index.docker.io/library/nginx:1.27"],
  ["library/nginx:1.27", "docker.io/nginx:1.27"],
  ["nginx", "nginx:latest"],
  ["grafana/grafana:11", "docker.io/grafana/grafana:11"],
  ["localhost/api:1", "localhost/api:1"],
  ["registry.example:5000/api", "registry.example:5000/api:latest"],
  [`nginx:1.27@${A}`, "docker.io/library/nginx:1.27"],
  [`nginx:1.27@${A}`, `docker.io/library/nginx@${A}`],
])("%s is %s", (left, right) => {
  expect(isSameImage(left, right)).toBe(true);
  expect(isSameImage(right, left)).toBe(true);
});

test.each([
  ["nginx:1.27", "nginx:1.28"],
  ["nginx:1.27", "nginx"],
  ["nginx:1.27", "registry.example/nginx:1.27"],
  ["nginx:1.27", "registry.example/library/nginx:1.27"],
  ["nginx:1.27", "bitnami/nginx:1.27"],
  ["localhost/api:1", "docker.io/localhost/api:1"],
  ["registry.example:5000/api:1", "registry.example/api:1"],
  [`nginx:1.27@${A}`, `nginx:1.27@${B}`],
  [`nginx@${A}`, "nginx"],
  [`nginx@${A}`, "nginx:1.27"],
])("%s is not %s", (left, right) => {
  expect(isSameImage(left, right)).toBe(false);
  expect(isSameImage(right, left)).toBe(false);
});
