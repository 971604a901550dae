variable "stack" {
  description = "Name of the stack, with which the provider's names of the hosts and their hostnames begin."
  type        = string
}

variable "tier" {
  description = "Tier of the hosts: haproxy, service or generator."
  type        = string
}

variable "names" {
  description = "Names of the hosts inside the stack."
  type        = list(string)
}

variable "region" {
  description = "Slug of the hosts' region, the same as the VPC's."
  type        = string
}

variable "image" {
  description = "Slug of the hosts' image."
  type        = string
}

variable "size" {
  description = "Slug of the hosts' size."
  type        = string
}

variable "vpc_id" {
  description = "Id of the VPC that the hosts are in."
  type        = string
}

variable "tags" {
  description = "The hosts' tags, of which one puts them behind their firewalls."
  type        = list(string)
}

variable "ssh_key" {
  description = "Fingerprint of the SSH key whose owner may log in as root."
  type        = string
}

variable "user_data" {
  description = "What cloud-init does at the first boot; everybody on a host can read it, so it holds no secret."
  type        = string
}
