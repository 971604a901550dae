variable "name" {
  description = "Name of the cluster."
  type        = string
}

variable "region" {
  description = "Slug of the cluster's region, the same as the VPC's."
  type        = string
}

variable "vpc_id" {
  description = "Id of the VPC that the cluster is in."
  type        = string
}

variable "project_id" {
  description = "Id of the project that the cluster is made in."
  type        = string
}

variable "tags" {
  description = "Tags of the cluster."
  type        = list(string)
}

variable "size" {
  description = "Slug of the node's size."
  type        = string
}

variable "postgres_version" {
  description = "Major version of Postgres."
  type        = string
}

variable "pool_mode" {
  description = "Mode of the connection pool: session or transaction."
  type        = string
}

variable "pool_size" {
  description = "Number of Postgres connections in the pool."
  type        = number
}

variable "trusted_tags" {
  description = "Tags of the hosts that may connect; all others are refused."
  type        = list(string)

  # An empty list of trusted sources means that the cluster is open.
  validation {
    condition     = length(var.trusted_tags) > 0
    error_message = "Give at least one tag: a cluster without trusted sources is open to the Internet."
  }
}
