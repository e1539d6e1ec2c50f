# The key that Bursar signs bundles and heads of the trail with, and the role that may use it and do nothing else.
# The role's policy is ../sign.json, which a test holds to what is called.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 6.21" }
  }
}

variable "bursar_principal_arn" {
  type        = string
  description = "The role or user that Bursar itself runs as; it alone may assume this role."
}

variable "external_id" {
  type        = string
  description = "The setting signing.kms.externalId: what a request has to name besides the role."
  sensitive   = true
}

variable "role_name" {
  type    = string
  default = "bursar-sign"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.bursar_principal_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.role_name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  name   = "sign"
  role   = aws_iam_role.this.id
  policy = file("${path.module}/../sign.json")
}

# Bundles are checked for years: deleting the key does not break them, for its public half is in each of them.
resource "aws_kms_key" "this" {
  description              = "Signs Bursar's bundles"
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_EDWARDS25519"
  deletion_window_in_days  = 30
}

resource "aws_kms_alias" "this" {
  name          = "alias/bursar-bundles"
  target_key_id = aws_kms_key.this.key_id
}

output "role_arn" {
  description = "The setting signing.kms.roleArn."
  value       = aws_iam_role.this.arn
}

output "key_arn" {
  description = "The setting signing.kms.keyId."
  value       = aws_kms_key.this.arn
}
