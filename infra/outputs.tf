locals {
  cost_items = [
    for item in [
      { name = "haproxy", count = 1, size = var.haproxy_size, prices = local.prices.droplets },
      { name = "service", count = var.service_count, size = var.service_size, prices = local.prices.droplets },
      { name = "generator", count = var.generator_count, size = var.generator_size, prices = local.prices.droplets },
      { name = "database", count = 1, size = var.database_size, prices = local.prices.databases },
      ] : {
      name          = item.name
      count         = item.count
      size          = item.size
      usd_per_month = item.count * item.prices[item.size].usd_per_month
    }
  ]
  usd_per_month = sum(local.cost_items[*].usd_per_month)

  # `showdown cloud-cost` asks `terraform console` for this. It needs no token, for it depends only on variables.
  cost = {
    items         = local.cost_items
    usd_per_month = local.usd_per_month
    # A month is billed as 672 hours, which is four weeks.
    usd_per_hour = tonumber(format("%.4f", local.usd_per_month / 672))
  }
}

output "stack" {
  description = "What `showdown run --stack terraform` needs: the hosts of each tier with their addresses, ports, and the database (addresses inside the VPC; no secrets)."
  value = {
    # Of each place in which a service can be, by their order.
    haproxy       = { urls = [for place in range(var.services_at_once) : "http://${module.haproxy.hosts[0].private_address}:${var.haproxy_port + place}"] }
    service_ports = [for place in range(var.services_at_once) : var.service_port + place]
    locust_port   = var.locust_port
    hosts = [
      for host in concat(module.haproxy.hosts, module.services.hosts, module.generators.hosts) :
      merge(host, { usd_per_month = local.prices.droplets[host.size].usd_per_month })
    ]
    database = {
      host          = module.database.host
      public_host   = module.database.public_host
      port          = module.database.port
      pool_port     = module.database.pool.port
      name          = module.database.name
      pool_name     = module.database.pool.name
      pool_mode     = module.database.pool.mode
      pool_size     = module.database.pool.size
      size          = module.database.size
      usd_per_month = local.prices.databases[module.database.size].usd_per_month
    }
  }
}

output "database_ca" {
  description = "Certificate (PEM) of the CA that Postgres and pgbouncer are verified with. It is public."
  value       = module.database.ca
}

output "database_users" {
  description = "Names and passwords: owner makes and fills the tables, services connect as api."
  value       = module.database.users
  sensitive   = true
}

output "cost" {
  description = "Price in US dollars, without tax: of each item (all its hosts together) a month, and of everything a month and an hour."
  value       = local.cost
}
