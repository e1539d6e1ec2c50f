/** A service as FOCUS names and files it. */
export type FocusService = { serviceName: string; serviceCategory: string };

/**
 * What Cost Explorer calls differently from the FOCUS export of AWS, which names a service by its product: so that both
 * sources agree on what a service costs. Everything else is kept as Cost Explorer names it.
 */
const FOCUS_NAMES: Readonly<Record<string, string>> = {
  "Amazon Elastic Compute Cloud - Compute": "Amazon Elastic Compute Cloud",
  "EC2 - Other": "Amazon Elastic Compute Cloud",
  "Amazon EC2 Container Registry (ECR)": "Amazon Elastic Container Registry",
  "Amazon Elastic Container Service for Kubernetes": "Amazon Elastic Kubernetes Service",
  "Amazon Elasticsearch Service": "Amazon OpenSearch Service",
  "Amazon CloudWatch": "AmazonCloudWatch",
  "Elasticsearch Service": "Amazon OpenSearch Service",
};

/** FOCUS categories and the services of AWS in them, as FOCUS_NAMES leaves their names. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  "AI and Machine Learning": [
    "Amazon Bedrock",
    "Amazon Comprehend",
    "Amazon Kendra",
    "Amazon Lex",
    "Amazon Personalize",
    "Amazon Polly",
    "Amazon Q",
    "Amazon Rekognition",
    "Amazon SageMaker",
    "Amazon Textract",
    "Amazon Transcribe",
    "Amazon Translate",
  ],
  Analytics: [
    "AWS Glue",
    "AWS Lake Formation",
    "Amazon Athena",
    "Amazon Data Firehose",
    "Amazon DataZone",
    "Amazon Elastic MapReduce",
    "Amazon Kinesis",
    "Amazon Kinesis Analytics",
    "Amazon Kinesis Firehose",
    "Amazon Managed Streaming for Apache Kafka",
    "Amazon OpenSearch Service",
    "Amazon QuickSight",
    "Amazon Redshift",
  ],
  "Business Applications": [
    "Amazon Chime",
    "Amazon Connect",
    "Amazon Pinpoint",
    "Amazon Simple Email Service",
    "Amazon WorkDocs",
    "Amazon WorkMail",
  ],
  Compute: [
    "AWS App Runner",
    "AWS Batch",
    "AWS Elastic Beanstalk",
    "AWS Lambda",
    "AWS Outposts",
    "Amazon Elastic Compute Cloud",
    "Amazon Elastic Container Registry",
    "Amazon Elastic Container Service",
    "Amazon Elastic Kubernetes Service",
    "Amazon Lightsail",
    "Amazon WorkSpaces",
    "Savings Plans for AWS Compute usage",
    "Savings Plans for AWS Machine Learning usage",
  ],
  Databases: [
    "Amazon DocumentDB (with MongoDB compatibility)",
    "Amazon DynamoDB",
    "Amazon ElastiCache",
    "Amazon Keyspaces (for Apache Cassandra)",
    "Amazon MemoryDB",
    "Amazon Neptune",
    "Amazon Relational Database Service",
    "Amazon SimpleDB",
    "Amazon Timestream",
    "Savings Plans for AWS Database usage",
  ],
  "Developer Tools": [
    "AWS Amplify",
    "AWS CodeArtifact",
    "AWS CodeCommit",
    "AWS CodePipeline",
    "AWS X-Ray",
    "CodeBuild",
  ],
  Identity: ["AWS Directory Service", "AWS IAM Access Analyzer", "Amazon Cognito"],
  Integration: [
    "AWS AppSync",
    "AWS Step Functions",
    "Amazon AppFlow",
    "Amazon EventBridge",
    "Amazon MQ",
    "Amazon Managed Workflows for Apache Airflow",
    "Amazon Simple Notification Service",
    "Amazon Simple Queue Service",
    "CloudWatch Events",
  ],
  "Internet of Things": ["AWS IoT", "AWS IoT Device Management", "AWS IoT SiteWise"],
  "Management and Governance": [
    "AWS CloudFormation",
    "AWS CloudTrail",
    "AWS Config",
    "AWS Cost Explorer",
    "AWS Service Catalog",
    "AWS Systems Manager",
    "Amazon Managed Grafana",
    "Amazon Managed Service for Prometheus",
    "AmazonCloudWatch",
  ],
  Media: ["AWS Elemental MediaConvert", "AWS Elemental MediaLive", "Amazon Interactive Video Service"],
  Migration: [
    "AWS Application Migration Service",
    "AWS Database Migration Service",
    "AWS DataSync",
    "AWS Transfer Family",
  ],
  Mobile: ["AWS Device Farm"],
  Networking: [
    "AWS Cloud WAN",
    "AWS Data Transfer",
    "AWS Direct Connect",
    "AWS Global Accelerator",
    "AWS Transit Gateway",
    "Amazon API Gateway",
    "Amazon CloudFront",
    "Amazon Elastic Load Balancing",
    "Amazon Route 53",
    "Amazon VPC Lattice",
    "Amazon Virtual Private Cloud",
    "Elastic Load Balancing",
  ],
  Security: [
    "AWS Certificate Manager",
    "AWS CloudHSM",
    "AWS Firewall Manager",
    "AWS Key Management Service",
    "AWS Network Firewall",
    "AWS Secrets Manager",
    "AWS Security Hub",
    "AWS Shield",
    "AWS WAF",
    "Amazon Detective",
    "Amazon GuardDuty",
    "Amazon Inspector",
    "Amazon Macie",
  ],
  Storage: [
    "AWS Backup",
    "AWS Storage Gateway",
    "Amazon Elastic Block Store",
    "Amazon Elastic File System",
    "Amazon FSx",
    "Amazon Glacier",
    "Amazon S3 Glacier Deep Archive",
    "Amazon Simple Storage Service",
  ],
};

const CATEGORY_OF = new Map<string, string>(
  Object.entries(SERVICES).flatMap(([category, names]) => names.map((name): [string, string] => [name, category])),
);

/** A service of Cost Explorer in FOCUS's words; what is not in the table, products of the marketplace first of all, is "Other". */
export function focusServiceOf(costExplorerName: string): FocusService {
  const trimmed = costExplorerName.trim();
  const serviceName = FOCUS_NAMES[trimmed] ?? trimmed;
  return { serviceName, serviceCategory: CATEGORY_OF.get(serviceName) ?? "Other" };
}
