variable "name" {
  description = "Name of the stack's VPC, project, firewalls, database cluster and SSH key, and prefix of its tags. Two stacks in one account need two names."
  type        = string
  default     = "showdown"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "The name must have 3 to 32 lower-case letters, digits and dashes, begin with a letter and not end with a dash: it becomes part of host and tag names."
  }
}

variable "region" {
  description = "Slug of the region of all resources."
  type        = string
  default     = "nyc3"

  validation {
    condition     = can(regex("^[a-z]{3}[0-9]$", var.region))
    error_message = "A region is three letters and a digit, such as nyc3 or fra1; `doctl compute region list` shows them all."
  }
}

variable "image" {
  description = "Slug of the hosts' image."
  type        = string
  default     = "debian-13-x64"

  validation {
    condition     = startswith(var.image, "debian-13-")
    error_message = "The image must be a Debian 13 (debian-13-x64): the hosts install package versions that are pinned for it."
  }
}

variable "vpc_id" {
  description = "Id of a VPC of the region for the stack to be in (`doctl vpcs list`). If null, the stack makes one of its own, which needs another that is the region's default: the first VPC of a region becomes its default, which cannot be deleted."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.vpc_id))
    error_message = "A VPC's id is a UUID, such as 5a4981aa-9653-4bd1-bef5-d6bff52042e4; `doctl vpcs list` shows them."
  }
}

variable "vpc_ip_range" {
  description = "Range of the private addresses of the VPC that the stack makes. It must not overlap with another VPC of the account."
  type        = string
  default     = "10.200.0.0/24"

  validation {
    condition     = can(cidrnetmask(var.vpc_ip_range)) && try(cidrsubnet(var.vpc_ip_range, 0, 0) == var.vpc_ip_range, false)
    error_message = "The range must be an IPv4 network in CIDR notation with no bit set after its prefix, such as 10.200.0.0/24."
  }

  validation {
    condition     = can(regex("^(10[.]|172[.](1[6-9]|2[0-9]|3[01])[.]|192[.]168[.]).*/(1[6-9]|2[0-4])$", var.vpc_ip_range))
    error_message = "DigitalOcean wants a private range (10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16) with a prefix from /16 to /24."
  }

  # https://docs.digitalocean.com/products/networking/vpc/concepts/plan-your-network/
  validation {
    condition     = !can(regex("^10[.](229|244|245|246)[.]", var.vpc_ip_range)) && !(var.region == "nyc1" && startswith(var.vpc_ip_range, "10.10."))
    error_message = "DigitalOcean keeps 10.229.0.0/16 and 10.244.0.0 to 10.246.0.255 for itself, and 10.10.0.0/16 in nyc1. Choose another range, such as 10.200.0.0/24."
  }
}

variable "ssh_public_key" {
  description = "Text of the public key whose owner may log in as root, on one line. DigitalOcean refuses a key that the account already has: make one for this stack (`ssh-keygen -t ed25519 -f …`)."
  type        = string

  validation {
    condition     = can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) AAAA[0-9A-Za-z+/]+={0,2}( [^\\n]*)?$", trimspace(var.ssh_public_key)))
    error_message = "That is not a public key. Give the text of the .pub file, one line that begins with ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp… (never the private key)."
  }
}

variable "allowed_addresses" {
  description = "IPv4 ranges in CIDR notation from which SSH may be reached: yours (`203.0.113.7/32`)."
  type        = list(string)

  validation {
    condition     = length(var.allowed_addresses) > 0
    error_message = "Give at least one range, such as your own address with /32: without it nobody can reach the hosts."
  }

  # IPv6 is off on the hosts, so a range of it would allow nothing.
  validation {
    condition     = alltrue([for range in var.allowed_addresses : can(cidrnetmask(range)) && try(cidrhost(range, 0) == split("/", range)[0], false)])
    error_message = "Each range must be an IPv4 network in CIDR notation with no bit set after its prefix, such as 203.0.113.7/32 or 203.0.113.0/24."
  }

  validation {
    condition     = alltrue([for range in var.allowed_addresses : try(tonumber(split("/", range)[1]) >= 8, true)])
    error_message = "A prefix shorter than /8, such as 0.0.0.0/0, opens the hosts to (nearly) everybody. Give your own address with /32."
  }
}

variable "haproxy_is_open" {
  description = "Whether haproxy's ports may be reached from allowed_addresses, too, such as to try a variant with curl. A run does not need that."
  type        = bool
  default     = false
}

variable "service_count" {
  description = "Number of service hosts behind haproxy."
  type        = number
  default     = 1

  validation {
    condition     = contains(range(1, 11), var.service_count)
    error_message = "There can be 1 to 10 service hosts."
  }
}

variable "generator_count" {
  description = "Number of generator hosts: Locust's master is on the first, workers are on all."
  type        = number
  default     = 1

  validation {
    condition     = contains(range(1, 11), var.generator_count)
    error_message = "There can be 1 to 10 generator hosts."
  }
}

variable "haproxy_size" {
  description = "Slug of the haproxy host's size."
  type        = string
  default     = "s-2vcpu-4gb-amd"

  validation {
    condition     = contains(keys(local.prices.droplets), var.haproxy_size)
    error_message = "infra/prices.json has no price for this size, so the cost could not be told. Sizes it knows: ${join(", ", keys(local.prices.droplets))}. Add yours there to use it."
  }
}

variable "service_size" {
  description = "Slug of the service hosts' size."
  type        = string
  default     = "s-2vcpu-4gb-amd"

  validation {
    condition     = contains(keys(local.prices.droplets), var.service_size)
    error_message = "infra/prices.json has no price for this size, so the cost could not be told. Sizes it knows: ${join(", ", keys(local.prices.droplets))}. Add yours there to use it."
  }
}

variable "generator_size" {
  description = "Slug of the generator hosts' size."
  type        = string
  default     = "s-2vcpu-4gb-amd"

  validation {
    condition     = contains(keys(local.prices.droplets), var.generator_size)
    error_message = "infra/prices.json has no price for this size, so the cost could not be told. Sizes it knows: ${join(", ", keys(local.prices.droplets))}. Add yours there to use it."
  }
}

variable "database_size" {
  description = "Slug of the Postgres node's size."
  type        = string
  default     = "db-s-2vcpu-4gb"

  validation {
    condition     = contains(keys(local.prices.databases), var.database_size)
    error_message = "infra/prices.json has no price for this size, so the cost could not be told. Sizes it knows: ${join(", ", keys(local.prices.databases))}. Add yours there to use it."
  }
}

variable "postgres_version" {
  description = "Major version of Postgres."
  type        = string
  default     = "17"

  validation {
    condition     = contains(["15", "16", "17"], var.postgres_version)
    error_message = "DigitalOcean makes new clusters of Postgres 15, 16 and 17."
  }
}

variable "pool_mode" {
  description = "Mode of the connection pool (pgbouncer) before Postgres: session or transaction."
  type        = string
  default     = "session"

  validation {
    condition     = contains(["session", "transaction"], var.pool_mode)
    error_message = "The mode must be session (the article's) or transaction: in pgbouncer's third mode, statement, a note could not be written in a transaction."
  }
}

variable "pool_size" {
  description = "Number of Postgres connections in the pool: in session mode variants are up at once as far as it reaches, in groups that each contain the baseline."
  type        = number
  default     = 80

  validation {
    condition     = var.pool_size >= 1 && floor(var.pool_size) == var.pool_size
    error_message = "The pool needs at least one connection, and a whole number of them."
  }

  validation {
    condition     = var.pool_mode != "session" || var.pool_size >= var.service_count * local.largest_service_pool
    error_message = "In session mode a service keeps each of its connections for as long as it runs, and the largest variants have ${local.largest_service_pool} on every service host: ${var.service_count} service hosts need a pool_size of ${var.service_count * local.largest_service_pool} or more (or pool_mode = \"transaction\")."
  }

  validation {
    condition     = var.pool_size <= local.database_connections - local.direct_connections
    error_message = "This database_size allows ${local.database_connections} connections (25 for each GB of memory, less 3), of which ${local.direct_connections} are kept for seeding and counting beside the pool: pool_size may be ${local.database_connections - local.direct_connections} at most. A larger database_size allows more."
  }
}

variable "haproxy_port" {
  description = "First of the ports that haproxy listens on, one for each service."
  type        = number
  default     = 80

  validation {
    condition     = var.haproxy_port >= 1 && var.haproxy_port <= 16383 && floor(var.haproxy_port) == var.haproxy_port && var.haproxy_port != 22
    error_message = "The port must be a whole number from 1 to 16383, for the hosts use higher ones for outgoing connections; and not 22, which is SSH's."
  }
}

variable "service_port" {
  description = "First of the ports that services listen on, one for each that is up at once."
  type        = number
  default     = 8000

  validation {
    condition     = var.service_port >= 1024 && var.service_port <= 16383 && floor(var.service_port) == var.service_port
    error_message = "The port must be a whole number from 1024 to 16383: services run as a user who may not open a lower one, and higher ones are given to outgoing connections (infra/hosts/sysctl.conf)."
  }
}

variable "services_at_once" {
  description = "Number of variants that can be up at once: services listen on as many ports from service_port on, haproxy on as many from haproxy_port on."
  type        = number
  default     = 10

  validation {
    condition     = contains(range(1, 101), var.services_at_once)
    error_message = "There can be 1 to 100 services at once."
  }

  validation {
    condition     = max(var.haproxy_port, var.service_port) + var.services_at_once - 1 <= 16383
    error_message = "The ports of services and of haproxy, services_at_once from service_port and from haproxy_port on, may go up to 16383: higher ones are given to connections."
  }

  validation {
    condition     = var.haproxy_port > 22 || var.haproxy_port + var.services_at_once <= 22
    error_message = "haproxy's ports, services_at_once from haproxy_port on, must leave out SSH's 22."
  }
}

variable "locust_port" {
  description = "Port that Locust's master listens on for its workers."
  type        = number
  default     = 5557

  validation {
    condition     = var.locust_port >= 1024 && var.locust_port <= 16383 && floor(var.locust_port) == var.locust_port
    error_message = "The port must be a whole number from 1024 to 16383: generators run as a user who may not open a lower one, and higher ones are given to outgoing connections (infra/hosts/sysctl.conf)."
  }

  validation {
    condition     = var.locust_port < var.service_port || var.locust_port >= var.service_port + var.services_at_once
    error_message = "locust_port must not be one of the services' (services_at_once from service_port on): a port stands for one tier, in firewalls as in logs."
  }
}
