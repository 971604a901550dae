variable "name" {
  description = "Name of the VPC, and prefix of the names of tags and firewalls."
  type        = string
}

variable "region" {
  description = "Slug of the VPC's region."
  type        = string
}

variable "vpc_id" {
  description = "Id of a VPC of the region that exists already. If null, one is made."
  type        = string
}

variable "ip_range" {
  description = "Range of the private addresses of a VPC that is made, in CIDR notation."
  type        = string
}

variable "allowed_addresses" {
  description = "Ranges from which SSH may be reached, in CIDR notation."
  type        = list(string)
}

variable "haproxy_is_open" {
  description = "Whether haproxy may be reached from there, too."
  type        = bool
}

variable "haproxy_port" {
  description = "First of the ports that haproxy listens on."
  type        = number
}

variable "service_port" {
  description = "First of the ports that services listen on."
  type        = number
}

variable "services_at_once" {
  description = "How many ports haproxy and services each listen on."
  type        = number
}

variable "locust_port" {
  description = "Port that Locust's master listens on."
  type        = number
}
