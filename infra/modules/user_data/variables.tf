variable "role" {
  description = "The host's role: haproxy, service or generator."
  type        = string

  validation {
    condition     = contains(["haproxy", "service", "generator"], var.role)
    error_message = "role must be haproxy, service or generator."
  }
}

variable "repository" {
  description = "Git URL of this project, which the host can read without a password."
  type        = string
}

variable "revision" {
  description = "The commit that the host checks out: all 40 hexadecimal digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{40}$", var.revision))
    error_message = "revision must be a full commit id of 40 hexadecimal digits: type 'git rev-parse HEAD'."
  }
}

variable "haproxy_config" {
  description = "The text of haproxy.cfg, only for the role haproxy."
  type        = string
  default     = null

  validation {
    condition     = (var.role == "haproxy") == (var.haproxy_config != null)
    error_message = "haproxy_config must be given for the role haproxy, and for no other."
  }
}
