# The bucket that keeps heads of the trail outside of Bursar's database, and the role that may add to it and delete nothing.
# Apply it in an account whose administrators do not run Bursar. The role's policy is ../keep-heads.json, which a test holds to what is called.

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
  description = "The setting audit.heads.s3.externalId: what a request has to name besides the role."
  sensitive   = true
}

variable "bucket_name" {
  type        = string
  description = "The setting audit.heads.s3.bucket."
}

variable "role_name" {
  type    = string
  default = "bursar-keep-heads"
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
  name   = "keep-heads"
  role   = aws_iam_role.this.id
  policy = file("${path.module}/../keep-heads.json")
}

# Each head brings its own lock: audit.heads.s3.lock says which.
resource "aws_s3_bucket" "this" {
  bucket              = var.bucket_name
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

output "role_arn" {
  description = "The setting audit.heads.s3.roleArn."
  value       = aws_iam_role.this.arn
}
