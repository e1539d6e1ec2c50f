import type { Environment, Provider } from "#demo/estate/accounts.ts";

/** What is bought: one SKU of one service, with its public price. */
export type ServiceOffer = {
  provider: Provider;
  /** Short code, part of SKU and resource ids. */
  code: string;
  /** FOCUS ServiceName, as the provider writes it. */
  name: string;
  /** FOCUS ServiceCategory and ServiceSubcategory. */
  category: string;
  subcategory: string;
  meter: string;
  unit: string;
  /** List price of one unit, in millionths of the billing currency. 0 = free of charge. */
  priceMicros: number;
  resourceType: string;
  /** Share of an account's money, relative to the other offers. */
  weight: number;
  /** What a Saturday uses of a working day, in percent. */
  weekendPercent: number;
  /** What the last two days of a month use, in percent. */
  monthEndPercent: number;
  /** Which commitment can cover it. */
  covered: "savings-plan" | "reservation" | null;
  /** Where it is found; "infrastructure" stands for shared accounts. */
  environments: readonly Environment[];
};

type OfferRow = readonly [
  code: string, name: string, category: string, subcategory: string, meter: string, unit: string, priceMicros: number,
  resourceType: string, weight: number, weekendPercent: number, monthEndPercent: number, covered: ServiceOffer["covered"], environments: string,
];

const ENVIRONMENT_OF: Record<string, Environment> = { p: "prod", n: "nonprod", s: "sandbox", i: "shared" };

// Environments by their first letter: p(rod), n(onprod), s(andbox), i(nfrastructure, shared).
const AWS_OFFERS: readonly OfferRow[] = [
  ["ec2-m6i", "Amazon Elastic Compute Cloud", "Compute", "Virtual Machines", "BoxUsage:m6i.2xlarge", "Hours", 460_000, "Instance", 22, 82, 115, "savings-plan", "pnsi"],
  ["ec2-r6i", "Amazon Elastic Compute Cloud", "Compute", "Virtual Machines", "BoxUsage:r6i.xlarge", "Hours", 304_000, "Instance", 14, 88, 125, "savings-plan", "pn"],
  ["ebs-gp3", "Amazon Elastic Block Store", "Storage", "Block Storage", "EBS:VolumeUsage.gp3", "GB-Month", 95_200, "Volume", 7, 100, 100, null, "pnsi"],
  ["fargate", "Amazon Elastic Container Service", "Compute", "Containers", "Fargate-vCPU-Hours", "vCPU-Hours", 46_560, "Task", 9, 62, 110, "savings-plan", "pn"],
  ["eks", "Amazon Elastic Kubernetes Service", "Compute", "Containers", "AmazonEKS-Hours:perCluster", "Hours", 100_000, "Cluster", 3, 100, 100, null, "pi"],
  ["lambda", "AWS Lambda", "Compute", "Serverless Compute", "Lambda-GB-Second", "Lambda-GB-Second", 17, "Function", 4, 48, 120, "savings-plan", "pns"],
  ["rds-pg", "Amazon Relational Database Service", "Databases", "Relational Databases", "InstanceUsage:db.r6g.2xl", "Hours", 1_052_000, "DB Instance", 17, 98, 110, "reservation", "pn"],
  ["rds-io", "Amazon Relational Database Service", "Databases", "Relational Databases", "RDS:GP3-Storage", "GB-Month", 131_000, "DB Storage", 5, 100, 100, null, "pn"],
  ["dynamodb", "Amazon DynamoDB", "Databases", "NoSQL Databases", "WriteRequestUnits", "1M WriteRequestUnits", 1_525_000, "Table", 4, 55, 130, null, "pn"],
  ["elasticache", "Amazon ElastiCache", "Databases", "Caching", "NodeUsage:cache.r6g.large", "Hours", 240_000, "Cache Cluster", 4, 100, 100, null, "p"],
  ["s3-std", "Amazon Simple Storage Service", "Storage", "Object Storage", "TimedStorage-ByteHrs", "GB-Month", 24_500, "Bucket", 8, 100, 100, null, "pnsi"],
  ["s3-req", "Amazon Simple Storage Service", "Storage", "Object Storage", "Requests-Tier1", "1K Requests", 5_400, "Bucket", 1, 58, 130, null, "p"],
  ["elb", "Elastic Load Balancing", "Networking", "Application Networking", "LCUUsage", "LCU-Hours", 8_000, "Load Balancer", 3, 70, 105, null, "pn"],
  ["nat", "Amazon Virtual Private Cloud", "Networking", "Network Infrastructure", "NatGateway-Bytes", "GB", 52_000, "NAT Gateway", 3, 66, 110, null, "pn"],
  ["transfer", "AWS Data Transfer", "Networking", "Network Connectivity", "DataTransfer-Out-Bytes", "GB", 90_000, "Network Interface", 3, 60, 110, null, "pi"],
  ["cloudwatch", "AmazonCloudWatch", "Management and Governance", "Observability", "DataProcessing-Bytes", "GB", 630_000, "Log Group", 4, 74, 115, null, "pnsi"],
  ["opensearch", "Amazon OpenSearch Service", "Analytics", "Search", "ESInstance:r6g.large", "Hours", 200_000, "Domain", 5, 100, 100, null, "p"],
  ["msk", "Amazon Managed Streaming for Apache Kafka", "Analytics", "Streaming Analytics", "Kafka.m5.large", "Hours", 252_000, "Cluster", 3, 100, 100, null, "p"],
  ["sqs", "Amazon Simple Queue Service", "Integration", "Messaging", "Requests-Tier1", "1M Requests", 400_000, "Queue", 1, 52, 140, null, "pn"],
  ["kms", "AWS Key Management Service", "Security", "Secret Management", "KMS-Requests", "10K Requests", 30_000, "Key", 1, 70, 110, null, "pni"],
  ["guardduty", "Amazon GuardDuty", "Security", "Threat Detection and Response", "PaidEventsAnalyzed", "1M Events", 4_600_000, "Detector", 1, 80, 105, null, "pi"],
  ["config", "AWS Config", "Management and Governance", "Compliance", "ConfigurationItemRecorded", "Items", 3_000, "Recorder", 1, 40, 100, null, "pnsi"],
  ["cloudtrail", "AWS CloudTrail", "Management and Governance", "Observability", "FreeEventsRecorded", "Events", 0, "Trail", 0, 60, 100, null, "pns"],
  ["bedrock", "Amazon Bedrock", "AI and Machine Learning", "Generative AI", "InputTokenCount", "1K tokens", 3_300, "Model", 3, 35, 105, null, "ps"],
  ["glue", "AWS Glue", "Analytics", "Data Processing", "ETL-DPU-Hour", "DPU-Hour", 440_000, "Job", 3, 45, 180, null, "pn"],
  ["backup", "AWS Backup", "Storage", "Backup Storage", "WarmStorage-ByteHrs", "GB-Month", 54_000, "Backup Vault", 2, 100, 110, null, "pi"],
  ["transit", "Amazon Virtual Private Cloud", "Networking", "Network Infrastructure", "TransitGateway-Hours", "Hours", 60_000, "Transit Gateway Attachment", 12, 100, 100, null, "i"],
  ["waf", "AWS WAF", "Security", "Application Security", "WebACLV2", "1M Requests", 600_000, "Web ACL", 1, 68, 105, null, "p"],
];

const AZURE_OFFERS: readonly OfferRow[] = [
  ["vm-d4s", "Virtual Machines", "Compute", "Virtual Machines", "D4s v5", "1 Hour", 204_000, "Virtual machine", 22, 84, 110, null, "pni"],
  ["sql-db", "Azure SQL Database", "Databases", "Relational Databases", "vCore General Purpose", "1 Hour", 232_000, "SQL database", 18, 96, 115, null, "pn"],
  ["storage", "Storage Accounts", "Storage", "Object Storage", "Hot LRS Data Stored", "1 GB/Month", 18_400, "Storage account", 8, 100, 100, null, "pni"],
  ["app-service", "Azure App Service", "Web", "Application Platforms", "P1 v3 App", "1 Hour", 150_000, "App Service plan", 9, 92, 105, null, "pn"],
  ["aks", "Azure Kubernetes Service", "Compute", "Containers", "Standard Uptime SLA", "1 Hour", 92_000, "Kubernetes service", 6, 100, 100, null, "p"],
  ["monitor", "Azure Monitor", "Management and Governance", "Observability", "Analytics Logs Data Ingestion", "1 GB", 2_760_000, "Log Analytics workspace", 5, 76, 115, null, "pni"],
  ["bandwidth", "Bandwidth", "Networking", "Network Connectivity", "Standard Data Transfer Out", "1 GB", 74_000, "Virtual network", 3, 64, 110, null, "pi"],
  ["express-route", "Azure ExpressRoute", "Networking", "Network Connectivity", "Metered Data", "1 Hour", 380_000, "ExpressRoute circuit", 14, 100, 100, null, "i"],
  ["key-vault", "Key Vault", "Security", "Secret Management", "Operations", "10K", 27_000, "Key vault", 1, 70, 105, null, "pn"],
];

const GOOGLE_OFFERS: readonly OfferRow[] = [
  ["bigquery", "BigQuery", "Analytics", "Data Warehouses", "Analysis", "TiB", 6_250_000, "Dataset", 26, 38, 190, null, "pni"],
  ["bq-storage", "BigQuery", "Analytics", "Data Warehouses", "Active Logical Storage", "GiB-month", 20_000, "Dataset", 8, 100, 100, null, "pni"],
  ["gce-n2", "Compute Engine", "Compute", "Virtual Machines", "N2 Instance Core running in Frankfurt", "hour", 40_900, "Instance", 14, 86, 110, null, "pn"],
  ["gcs", "Cloud Storage", "Storage", "Object Storage", "Standard Storage Frankfurt", "GiB-month", 23_000, "Bucket", 7, 100, 100, null, "pni"],
  ["vertex", "Vertex AI", "AI and Machine Learning", "Machine Learning Platforms", "Custom Training", "hour", 3_402_000, "Training job", 9, 30, 120, null, "pn"],
  ["dataflow", "Dataflow", "Analytics", "Data Processing", "vCPU Time Batch", "hour", 71_000, "Job", 6, 44, 170, null, "pni"],
  ["pubsub", "Cloud Pub/Sub", "Integration", "Messaging", "Message Delivery Basic", "TiB", 40_000_000, "Topic", 3, 60, 110, null, "pn"],
];

export const OFFERS: readonly ServiceOffer[] = [
  ...AWS_OFFERS.map((row) => offerOf("AWS", row)),
  ...AZURE_OFFERS.map((row) => offerOf("Microsoft", row)),
  ...GOOGLE_OFFERS.map((row) => offerOf("Google Cloud", row)),
];

const special = (code: string, name: string, category: string, subcategory: string, meter: string, unit: string, priceMicros: number, resourceType: string): ServiceOffer =>
  offerOf("AWS", [code, name, category, subcategory, meter, unit, priceMicros, resourceType, 0, 100, 100, null, ""]);

/** Offers that only the planted events and central charges use. */
export const SPECIAL_OFFERS = {
  sageMaker: special("sagemaker", "Amazon SageMaker", "AI and Machine Learning", "Machine Learning Platforms", "Train:ml.g5.2xlarge", "Hours", 1_515_000, "Training Job"),
  athena: special("athena", "Amazon Athena", "Analytics", "Data Processing", "DataScannedInTB", "Terabytes", 5_000_000, "Workgroup"),
  database: special("rds-ora", "Amazon Relational Database Service", "Databases", "Relational Databases", "InstanceUsage:db.r5.4xl", "Hours", 2_448_000, "DB Instance"),
  transfer: special("transfer", "AWS Data Transfer", "Networking", "Network Connectivity", "DataTransfer-Regional-Bytes", "GB", 10_000, "Network Interface"),
  table: special("dynamodb", "Amazon DynamoDB", "Databases", "NoSQL Databases", "ReadRequestUnits", "1M ReadRequestUnits", 305_000, "Table"),
} as const;

function offerOf(provider: Provider, row: OfferRow): ServiceOffer {
  const [code, name, category, subcategory, meter, unit, priceMicros, resourceType, weight, weekendPercent, monthEndPercent, covered, letters] = row;
  const environments = [...letters].map((letter) => ENVIRONMENT_OF[letter]).filter((environment) => environment !== undefined);
  return { provider, code, name, category, subcategory, meter, unit, priceMicros, resourceType, weight, weekendPercent, monthEndPercent, covered, environments };
}

/** What stands for a provider in its own rows. Prices and bills are in its currency. */
export const PROVIDERS = {
  AWS: { source: "aws-billing", currency: "USD", issuer: "Amazon Web Services EMEA SARL", publisher: "Amazon Web Services, Inc.", subAccountType: "Account", billingAccountType: "Billing Account", regions: [["eu-central-1", "Europe (Frankfurt)"], ["eu-west-1", "Europe (Ireland)"]] },
  Microsoft: { source: "azure", currency: "EUR", issuer: "Microsoft", publisher: "Microsoft", subAccountType: "Subscription", billingAccountType: "Billing Profile", regions: [["westeurope", "West Europe"], ["westeurope", "West Europe"]] },
  "Google Cloud": { source: "gcp", currency: "EUR", issuer: "Google Cloud EMEA Limited", publisher: "Google Cloud", subAccountType: "Project", billingAccountType: "Billing Account", regions: [["europe-west3", "Frankfurt"], ["europe-west3", "Frankfurt"]] },
} as const;

export type SourceKey = "aws-billing" | "azure" | "gcp";
export const SOURCE_KEYS: readonly SourceKey[] = ["aws-billing", "azure", "gcp"];
