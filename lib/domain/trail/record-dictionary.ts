/**
 * What the records of trails have in common, in the order in which they have it: the window that their packed form begins with. Bodies in the
 * log refer to it by their distance from its end, so that its end has to stay as it is for ever; it may grow at its front only.
 */
export const RECORD_DICTIONARY = [
  // What Kubernetes writes (audit.k8s.io/v1).
  '"apiVersion":"v1","resourceVersion":"","metadata":{"name":"","namespace":"","labels":{"app.kubernetes.io/name":""},"annotations":{',
  '"group":"apps","subresource":"status","code":404,"reason":"NotFound","code":403,"reason":"Forbidden","status":"Failure",',
  '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"","stage":"RequestReceived","requestURI":"/apis/apps/v1/namespaces/',
  '"level":"RequestResponse","auditID":"","stage":"ResponseComplete","requestURI":"/api/v1/namespaces//pods/?timeout=34s","verb":"get","verb":"list",',
  '"verb":"watch","verb":"patch","verb":"create","verb":"update","verb":"delete","user":{"username":"system:serviceaccount:kube-system:","uid":"","groups":["system:masters",',
  '"groups":["system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"],"extra":{"authentication.kubernetes.io/credential-id":["JTI=',
  '"]}},"impersonatedUser":{"username":"","sourceIPs":["10.0.0.1"],"userAgent":"kubectl/v1.33.4 (linux/amd64) kubernetes/","objectRef":{"resource":"pods","namespace":"',
  '","name":"","uid":"","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-',
  '"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by ClusterRoleBinding \\"system:controller:\\" of ClusterRole \\"',
  // What CloudTrail writes (version 1.11).
  '"errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts:: is not authorized to perform: on resource: because no identity-based policy allows the action",',
  '"requestParameters":{"instancesSet":{"items":[{"instanceId":"i-0"}]},"filterSet":{"items":[{"name":"","valueSet":{"items":[{"value":"',
  '"requestParameters":{"bucketName":"","Host":"s3.eu-central-1.amazonaws.com","key":"","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"},',
  '"requestParameters":{"roleArn":"arn:aws:iam::","roleSessionName":"","durationSeconds":3600},"responseElements":{"credentials":{"accessKeyId":"ASIA","sessionToken":"","expiration":"',
  ', 12:00:00 PM"},"assumedRoleUser":{"assumedRoleId":"AROA","arn":"arn:aws:sts::","requestParameters":{"name":"","functionName":"","secretId":"arn:aws:secretsmanager:us-east-1:',
  '"resources":[{"accountId":"","type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:"}],"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::"}],"type":"AWS::IAM::Role","ARN":"arn:aws:iam::',
  '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA","arn":"arn:aws:iam::","accountId":"","accessKeyId":"AKIA","userName":"","invokedBy":"AWS Internal"},',
  '"userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA:","arn":"arn:aws:sts::',
  ':assumed-role/AWSReservedSSO_AdministratorAccess_/","accountId":"","accessKeyId":"ASIA","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA","arn":"arn:aws:iam::',
  ':role/aws-reserved/sso.amazonaws.com/","accountId":"","userName":""},"webIdFederationData":{},"attributes":{"creationDate":"2026-01-01T00:00:00Z","mfaAuthenticated":"false"}}},',
  '"eventTime":"2026-01-01T00:00:00Z","eventSource":"secretsmanager.amazonaws.com","eventSource":"ec2.amazonaws.com","eventSource":"sts.amazonaws.com","eventSource":"kms.amazonaws.com",',
  '"eventName":"Describe","eventName":"Get","eventName":"List","eventName":"AssumeRole","eventName":"Decrypt","awsRegion":"eu-central-1","awsRegion":"us-east-1","sourceIPAddress":"',
  '","userAgent":"aws-sdk-go-v2/1.30.0 os/linux lang/go md/GOOS#linux md/GOARCH#amd64 api/","userAgent":"Boto3/1.40 md/Botocore ua/2.1 os/linux lang/python","userAgent":"aws-cli/2.30',
  '"requestParameters":null,"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"","requestID":"","eventID":"","readOnly":false,"readOnly":true,',
  '"eventType":"AwsServiceEvent","eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"","sharedEventID":"","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.2",',
  '"cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":".eu-central-1.amazonaws.com"}}',
].join("");
