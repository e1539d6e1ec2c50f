# The role with which Bursar looks up the events of an account that has no trail in a bucket.
# Apply it in each such account. Its policy is ../lookup-cloudtrail.json, which a test holds to what the source calls.

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
  description = "The source's setting externalId: what a request has to name besides the role."
  sensitive   = true
}

variable "role_name" {
  type    = string
  default = "bursar-lookup-cloudtrail"
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
  name   = "lookup-cloudtrail"
  role   = aws_iam_role.this.id
  policy = file("${path.module}/../lookup-cloudtrail.json")
}

output "role_arn" {
  description = "The source's setting roleArn."
  value       = aws_iam_role.this.arn
}
