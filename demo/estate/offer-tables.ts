/**
 * What the estate buys, one SKU a line:
 * code | ServiceName | ServiceCategory | ServiceSubcategory | meter | unit | list price in millionths | resource type |
 * weight | a Saturday's use in percent | the month end's use in percent | covered by | environments by their first letter:
 * p(rod), n(onprod), s(andbox), i(nfrastructure shared by all).
 */
export const AWS_OFFER_TABLE = `
ec2-m6i     | Amazon Elastic Compute Cloud              | Compute                   | Virtual Machines              | BoxUsage:m6i.2xlarge       | Hours                |  460000 | Instance                   | 22 |  82 | 115 | savings-plan | pnsi
ec2-r6i     | Amazon Elastic Compute Cloud              | Compute                   | Virtual Machines              | BoxUsage:r6i.xlarge        | Hours                |  304000 | Instance                   | 14 |  88 | 125 | savings-plan | pn
ebs-gp3     | Amazon Elastic Block Store                | Storage                   | Block Storage                 | EBS:VolumeUsage.gp3        | GB-Month             |   95200 | Volume                     |  7 | 100 | 100 | -            | pnsi
fargate     | Amazon Elastic Container Service          | Compute                   | Containers                    | Fargate-vCPU-Hours         | vCPU-Hours           |   46560 | Task                       |  9 |  62 | 110 | savings-plan | pn
eks         | Amazon Elastic Kubernetes Service         | Compute                   | Containers                    | AmazonEKS-Hours:perCluster | Hours                |  100000 | Cluster                    |  3 | 100 | 100 | -            | pi
lambda      | AWS Lambda                                | Compute                   | Serverless Compute            | Lambda-GB-Second           | Lambda-GB-Second     |      17 | Function                   |  4 |  48 | 120 | savings-plan | pns
rds-pg      | Amazon Relational Database Service        | Databases                 | Relational Databases          | InstanceUsage:db.r6g.2xl   | Hours                | 1052000 | DB Instance                | 17 |  98 | 110 | reservation  | pn
rds-io      | Amazon Relational Database Service        | Databases                 | Relational Databases          | RDS:GP3-Storage            | GB-Month             |  131000 | DB Storage                 |  5 | 100 | 100 | -            | pn
dynamodb    | Amazon DynamoDB                           | Databases                 | NoSQL Databases               | WriteRequestUnits          | 1M WriteRequestUnits | 1525000 | Table                      |  4 |  55 | 130 | -            | pn
elasticache | Amazon ElastiCache                        | Databases                 | Caching                       | NodeUsage:cache.r6g.large  | Hours                |  240000 | Cache Cluster              |  4 | 100 | 100 | -            | p
s3-std      | Amazon Simple Storage Service             | Storage                   | Object Storage                | TimedStorage-ByteHrs       | GB-Month             |   24500 | Bucket                     |  8 | 100 | 100 | -            | pnsi
s3-req      | Amazon Simple Storage Service             | Storage                   | Object Storage                | Requests-Tier1             | 1K Requests          |    5400 | Bucket                     |  1 |  58 | 130 | -            | p
elb         | Elastic Load Balancing                    | Networking                | Application Networking        | LCUUsage                   | LCU-Hours            |    8000 | Load Balancer              |  3 |  70 | 105 | -            | pn
nat         | Amazon Virtual Private Cloud              | Networking                | Network Infrastructure        | NatGateway-Bytes           | GB                   |   52000 | NAT Gateway                |  3 |  66 | 110 | -            | pn
transfer    | AWS Data Transfer                         | Networking                | Network Connectivity          | DataTransfer-Out-Bytes     | GB                   |   90000 | Network Interface          |  3 |  60 | 110 | -            | pi
cloudwatch  | AmazonCloudWatch                          | Management and Governance | Observability                 | DataProcessing-Bytes       | GB                   |  630000 | Log Group                  |  4 |  74 | 115 | -            | pnsi
opensearch  | Amazon OpenSearch Service                 | Analytics                 | Search                        | ESInstance:r6g.large       | Hours                |  200000 | Domain                     |  5 | 100 | 100 | -            | p
msk         | Amazon Managed Streaming for Apache Kafka | Analytics                 | Streaming Analytics           | Kafka.m5.large             | Hours                |  252000 | Cluster                    |  3 | 100 | 100 | -            | p
sqs         | Amazon Simple Queue Service               | Integration               | Messaging                     | Requests-Tier1             | 1M Requests          |  400000 | Queue                      |  1 |  52 | 140 | -            | pn
kms         | AWS Key Management Service                | Security                  | Secret Management             | KMS-Requests               | 10K Requests         |   30000 | Key                        |  1 |  70 | 110 | -            | pni
guardduty   | Amazon GuardDuty                          | Security                  | Threat Detection and Response | PaidEventsAnalyzed         | 1M Events            | 4600000 | Detector                   |  1 |  80 | 105 | -            | pi
config      | AWS Config                                | Management and Governance | Compliance                    | ConfigurationItemRecorded  | Items                |    3000 | Recorder                   |  1 |  40 | 100 | -            | pnsi
cloudtrail  | AWS CloudTrail                            | Management and Governance | Observability                 | FreeEventsRecorded         | Events               |       0 | Trail                      |  0 |  60 | 100 | -            | pns
bedrock     | Amazon Bedrock                            | AI and Machine Learning   | Generative AI                 | InputTokenCount            | 1K tokens            |    3300 | Model                      |  3 |  35 | 105 | -            | ps
glue        | AWS Glue                                  | Analytics                 | Data Processing               | ETL-DPU-Hour               | DPU-Hour             |  440000 | Job                        |  3 |  45 | 180 | -            | pn
backup      | AWS Backup                                | Storage                   | Backup Storage                | WarmStorage-ByteHrs        | GB-Month             |   54000 | Backup Vault               |  2 | 100 | 110 | -            | pi
transit     | Amazon Virtual Private Cloud              | Networking                | Network Infrastructure        | TransitGateway-Hours       | Hours                |   60000 | Transit Gateway Attachment | 12 | 100 | 100 | -            | i
waf         | AWS WAF                                   | Security                  | Application Security          | WebACLV2                   | 1M Requests          |  600000 | Web ACL                    |  1 |  68 | 105 | -            | p
`;

export const AZURE_OFFER_TABLE = `
vm-d4s        | Virtual Machines         | Compute                   | Virtual Machines      | D4s v5                        | 1 Hour     |  204000 | Virtual machine         | 22 |  84 | 110 | - | pni
sql-db        | Azure SQL Database       | Databases                 | Relational Databases  | vCore General Purpose         | 1 Hour     |  232000 | SQL database            | 18 |  96 | 115 | - | pn
storage       | Storage Accounts         | Storage                   | Object Storage        | Hot LRS Data Stored           | 1 GB/Month |   18400 | Storage account         |  8 | 100 | 100 | - | pni
app-service   | Azure App Service        | Web                       | Application Platforms | P1 v3 App                     | 1 Hour     |  150000 | App Service plan        |  9 |  92 | 105 | - | pn
aks           | Azure Kubernetes Service | Compute                   | Containers            | Standard Uptime SLA           | 1 Hour     |   92000 | Kubernetes service      |  6 | 100 | 100 | - | p
monitor       | Azure Monitor            | Management and Governance | Observability         | Analytics Logs Data Ingestion | 1 GB       | 2760000 | Log Analytics workspace |  5 |  76 | 115 | - | pni
bandwidth     | Bandwidth                | Networking                | Network Connectivity  | Standard Data Transfer Out    | 1 GB       |   74000 | Virtual network         |  3 |  64 | 110 | - | pi
express-route | Azure ExpressRoute       | Networking                | Network Connectivity  | Metered Data                  | 1 Hour     |  380000 | ExpressRoute circuit    | 14 | 100 | 100 | - | i
key-vault     | Key Vault                | Security                  | Secret Management     | Operations                    | 10K        |   27000 | Key vault               |  1 |  70 | 105 | - | pn
`;

export const GOOGLE_OFFER_TABLE = `
bigquery   | BigQuery       | Analytics               | Data Warehouses            | Analysis                              | TiB       |  6250000 | Dataset      | 26 |  38 | 190 | - | pni
bq-storage | BigQuery       | Analytics               | Data Warehouses            | Active Logical Storage                | GiB-month |    20000 | Dataset      |  8 | 100 | 100 | - | pni
gce-n2     | Compute Engine | Compute                 | Virtual Machines           | N2 Instance Core running in Frankfurt | hour      |    40900 | Instance     | 14 |  86 | 110 | - | pn
gcs        | Cloud Storage  | Storage                 | Object Storage             | Standard Storage Frankfurt            | GiB-month |    23000 | Bucket       |  7 | 100 | 100 | - | pni
vertex     | Vertex AI      | AI and Machine Learning | Machine Learning Platforms | Custom Training                       | hour      |  3402000 | Training job |  9 |  30 | 120 | - | pn
dataflow   | Dataflow       | Analytics               | Data Processing            | vCPU Time Batch                       | hour      |    71000 | Job          |  6 |  44 | 170 | - | pni
pubsub     | Cloud Pub/Sub  | Integration             | Messaging                  | Message Delivery Basic                | TiB       | 40000000 | Topic        |  3 |  60 | 110 | - | pn
`;

/** Only the planted events use these. */
export const SPECIAL_OFFER_TABLE = `
sagemaker | Amazon SageMaker                   | AI and Machine Learning | Machine Learning Platforms | Train:ml.g5.2xlarge         | Hours               | 1515000 | Training Job      | 0 | 100 | 100 | - | -
athena    | Amazon Athena                      | Analytics               | Data Processing            | DataScannedInTB             | Terabytes           | 5000000 | Workgroup         | 0 | 100 | 100 | - | -
rds-ora   | Amazon Relational Database Service | Databases               | Relational Databases       | InstanceUsage:db.r5.4xl     | Hours               | 2448000 | DB Instance       | 0 | 100 | 100 | - | -
transfer  | AWS Data Transfer                  | Networking              | Network Connectivity       | DataTransfer-Regional-Bytes | GB                  |   10000 | Network Interface | 0 | 100 | 100 | - | -
dynamodb  | Amazon DynamoDB                    | Databases               | NoSQL Databases            | ReadRequestUnits            | 1M ReadRequestUnits |  305000 | Table             | 0 | 100 | 100 | - | -
`;
