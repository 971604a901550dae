variable "role" {
  description = "The host's role: haproxy, service or generator."
  type        = string

  validation {
    condition     = contains(["haproxy", "service", "generator"], var.role)
    error_message = "role must be haproxy, service or generator."
  }
}
