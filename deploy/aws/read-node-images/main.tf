# The role with which Bursar reads which images the nodes of clusters were made from.
# Apply it in the account that has them. Its policy is ../read-node-images.json, which a test holds to what the source calls.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "bursar_principal_arn" {
  type        = string
  description = "The role or user that Bursar itself runs as; it alone may assume this role."
}

variable "external_id" {
  type        = string
  description = "The setting ec2.externalId of the cluster: what a request has to name besides the role."
  sensitive   = true
}

variable "role_name" {
  type    = string
  default = "bursar-read-node-images"
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
  name   = "read-node-images"
  role   = aws_iam_role.this.id
  policy = file("${path.module}/../read-node-images.json")
}

output "role_arn" {
  description = "The setting ec2.roleArn of the cluster."
  value       = aws_iam_role.this.arn
}
