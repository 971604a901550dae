# The article's topology: generators → haproxy → services → pgbouncer → Postgres, each tier on its own hosts.

locals {
  prices = jsondecode(file("${path.module}/prices.json"))

  # The largest `pool` in loadtests/variants.toml.
  largest_service_pool = 20

  # DigitalOcean allows 25 connections for each GB of memory, and keeps three of them for itself.
  database_connections = local.prices.databases[var.database_size].memory_gb * 25 - 3

  # Connections beside the pool, for seeding and counting.
  direct_connections = 5

  # With haproxy's.
  droplets       = var.service_count + var.generator_count + 1
  other_droplets = length([for droplet in data.digitalocean_droplets.account.droplets : droplet if !contains(droplet.tags, var.name)])

  service_names   = [for number in range(1, var.service_count + 1) : "service${number}"]
  generator_names = [for number in range(1, var.generator_count + 1) : "generator${number}"]
}

data "digitalocean_account" "owner" {}

data "digitalocean_droplets" "account" {}

resource "digitalocean_ssh_key" "main" {
  name       = var.name
  public_key = trimspace(var.ssh_public_key)

  lifecycle {
    # New accounts may have few droplets. This is seen in the plan, before anything is made.
    precondition {
      # 0: the token may not read it.
      condition     = data.digitalocean_account.owner.droplet_limit == 0 || local.other_droplets + local.droplets <= data.digitalocean_account.owner.droplet_limit
      error_message = "The stack needs ${local.droplets} droplets. The account may have ${data.digitalocean_account.owner.droplet_limit}, and has ${local.other_droplets} others. Ask for more (https://cloud.digitalocean.com/account/team/droplet_limit_increase), destroy others, or lower service_count and generator_count."
    }
  }
}

module "network" {
  source = "./modules/network"

  name              = var.name
  region            = var.region
  vpc_id            = var.vpc_id
  ip_range          = var.vpc_ip_range
  allowed_addresses = var.allowed_addresses
  haproxy_is_open   = var.haproxy_is_open
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
  project_id       = digitalocean_project.main.id
  tags             = [module.network.stack_tag]
  # Not haproxy, which has no business with Postgres. Generator hosts: pgbench runs there, and your machine seeds and
  # counts through one of them.
  trusted_tags = [module.network.tags.service, module.network.tags.generator]
}

module "service_user_data" {
  source = "./modules/user_data"

  role = "service"
}

module "services" {
  source = "./modules/hosts"

  stack     = var.name
  tier      = "service"
  names     = local.service_names
  region    = var.region
  image     = var.image
  size      = var.service_size
  vpc_id    = module.network.vpc_id
  tags      = [module.network.tags.service, module.network.stack_tag]
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.service_user_data.text
}

module "generator_user_data" {
  source = "./modules/user_data"

  role = "generator"
}

module "generators" {
  source = "./modules/hosts"

  stack     = var.name
  tier      = "generator"
  names     = local.generator_names
  region    = var.region
  image     = var.image
  size      = var.generator_size
  vpc_id    = module.network.vpc_id
  tags      = [module.network.tags.generator, module.network.stack_tag]
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.generator_user_data.text
}

module "haproxy_user_data" {
  source = "./modules/user_data"

  role = "haproxy"
}

module "haproxy" {
  source = "./modules/hosts"

  stack     = var.name
  tier      = "haproxy"
  names     = ["haproxy"]
  region    = var.region
  image     = var.image
  size      = var.haproxy_size
  vpc_id    = module.network.vpc_id
  tags      = [module.network.tags.haproxy, module.network.stack_tag]
  ssh_key   = digitalocean_ssh_key.main.fingerprint
  user_data = module.haproxy_user_data.text
}

# Puts everything that costs money into one place of the control panel. Leftovers are found by the stack's tag: hosts leave
# the project before they are deleted.
resource "digitalocean_project" "main" {
  name        = var.name
  description = "One HTTP API, several services: how fast each of them is, and why"
  purpose     = "Service or API"
  environment = "Development"
}

# Apart from the project, which the database has to be made in.
resource "digitalocean_project_resources" "hosts" {
  project   = digitalocean_project.main.id
  resources = concat(module.haproxy.urns, module.services.urns, module.generators.urns)
}

# Not inside the check: there it would be read at each apply, and no plan would ever be without changes.
data "digitalocean_sizes" "used" {
  filter {
    key    = "slug"
    values = distinct([var.haproxy_size, var.service_size, var.generator_size])
  }
}

# Only a warning, for the hosts work all the same. (The API does not tell the prices of databases.)
check "prices" {
  assert {
    condition = alltrue([
      for size in data.digitalocean_sizes.used.sizes :
      size.price_monthly == local.prices.droplets[size.slug].usd_per_month
    ])
    error_message = "DigitalOcean's prices differ from those in infra/prices.json, so the cost that is shown is wrong. Correct them there."
  }
}
