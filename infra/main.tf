# The article's topology: generators → haproxy → services → pgbouncer → Postgres, each on hosts of its own.

locals {
  prices = jsondecode(file("${path.module}/prices.json"))

  # The largest `pool` in loadtests/variants.toml.
  largest_service_pool = 20

  # DigitalOcean allows 25 connections for each GB of memory and keeps three of them for itself.
  database_connections = local.prices.databases[var.database_size].memory_gb * 25 - 3

  # Past the pool go a few that seed and count.
  direct_connections = 5

  service_names   = [for number in range(1, var.service_count + 1) : "service${number}"]
  generator_names = [for number in range(1, var.generator_count + 1) : "generator${number}"]
}

resource "digitalocean_ssh_key" "main" {
  name       = var.name
  public_key = trimspace(var.ssh_public_key)
}

module "network" {
  source = "./modules/network"

  name              = var.name
  region            = var.region
  ip_range          = var.vpc_ip_range
  allowed_addresses = var.allowed_addresses
  haproxy_port      = var.haproxy_port
  service_port      = var.service_port
  services_at_once  = var.services_at_once
  locust_port       = var.locust_port
}

module "database" {
  source = "./modules/database"

  name             = var.name
  region           = var.region
  vpc_id           = module.network.vpc_id
  size             = var.database_size
  postgres_version = var.postgres_version
  pool_mode        = var.pool_mode
  pool_size        = var.pool_size
  # haproxy has no business with Postgres. Generator hosts have: pgbench runs there, and the person's machine seeds and
  # counts through one of them.
  trusted_tags = [module.network.tags.service, module.network.tags.generator]
}

module "service_user_data" {
  source = "./modules/user_data"

  role           = "service"
  repository     = var.repository
  revision       = var.revision
  haproxy_config = null
}

module "services" {
  source = "./modules/hosts"

  tier      = "service"
  names     = local.service_names
  region    = var.region
  image     = var.image
  size      = var.service_size
  vpc_id    = module.network.vpc_id
  tag       = module.network.tags.service
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.service_user_data.text
}

module "generator_user_data" {
  source = "./modules/user_data"

  role           = "generator"
  repository     = var.repository
  revision       = var.revision
  haproxy_config = null
}

module "generators" {
  source = "./modules/hosts"

  tier      = "generator"
  names     = local.generator_names
  region    = var.region
  image     = var.image
  size      = var.generator_size
  vpc_id    = module.network.vpc_id
  tag       = module.network.tags.generator
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.generator_user_data.text
}

locals {
  # In each place one variant's service can be up: at a port of its own on the service hosts, and on haproxy's.
  haproxy_services = [
    for place in range(var.services_at_once) : templatefile("${path.module}/config/haproxy-service.cfg", {
      number         = place + 1
      listen_address = "*"
      port           = var.haproxy_port + place
      bodies         = "/etc/showdown"
      # As contract/contract.toml has them.
      health = "/healthz"
      routes = "/api/v1/"
      servers = join("\n", [
        for host in module.services.hosts :
        "    server ${host.name} ${host.private_address}:${var.service_port + place}"
      ])
    })
  ]

  haproxy_config = templatefile("${path.module}/config/haproxy.cfg", {
    # The host is haproxy's alone.
    threads      = local.prices.droplets[var.haproxy_size].vcpus
    stats_socket = "/run/showdown-haproxy/stats.sock"
    bodies       = "/etc/showdown"
    services     = join("\n", local.haproxy_services)
  })
}

module "haproxy_user_data" {
  source = "./modules/user_data"

  role           = "haproxy"
  repository     = var.repository
  revision       = var.revision
  haproxy_config = local.haproxy_config
}

# The service hosts are in its user data: when their number changes, this host is replaced.
module "haproxy" {
  source = "./modules/hosts"

  tier      = "haproxy"
  names     = ["haproxy"]
  region    = var.region
  image     = var.image
  size      = var.haproxy_size
  vpc_id    = module.network.vpc_id
  tag       = module.network.tags.haproxy
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.haproxy_user_data.text
}

# What costs money is in one place of the control panel, where a leftover would be seen.
resource "digitalocean_project" "main" {
  name        = var.name
  description = "One HTTP API, several services: which is how fast, and why"
  purpose     = "Service or API"
  environment = "Development"
  resources   = concat(module.haproxy.urns, module.services.urns, module.generators.urns, [module.database.urn])
}

# Beside the check, not in it: there it would be read anew at each apply, and no plan would ever be without a change.
data "digitalocean_sizes" "used" {
  filter {
    key    = "slug"
    values = distinct([var.haproxy_size, var.service_size, var.generator_size])
  }
}

# A warning, for the hosts work all the same. (Prices of databases cannot be asked for.)
check "prices" {
  assert {
    condition = alltrue([
      for size in data.digitalocean_sizes.used.sizes :
      size.price_monthly == local.prices.droplets[size.slug].usd_per_month
    ])
    error_message = "DigitalOcean's prices are no longer those in infra/prices.json: the cost that is shown is wrong. Correct them there."
  }
}
