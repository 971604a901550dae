# The whole stack, from variables to outputs.

mock_provider "digitalocean" {
  mock_resource "digitalocean_database_cluster" {
    defaults = {
      host         = "public.example"
      private_host = "private.example"
      port         = 25060
      user         = "doadmin"
      password     = "password-of-owner"
      private_uri  = "postgresql://doadmin:password-of-owner@private.example:25060/defaultdb"
    }
  }

  mock_resource "digitalocean_database_user" {
    defaults = { password = "password-of-api" }
  }

  mock_resource "digitalocean_database_connection_pool" {
    defaults = { port = 25061 }
  }

  mock_data "digitalocean_database_ca" {
    defaults = { certificate = "-----BEGIN CERTIFICATE-----" }
  }
}

variables {
  ssh_public_key    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHlrVyq0gdqXxA0x6ARLIwvXQ4u8uA3m1v9oQbl0J9fO me@example\n"
  allowed_addresses = ["203.0.113.7/32"]
}

run "plan_of_the_article" {
  command = plan

  assert {
    condition     = [for host in output.stack.hosts : "${host.name} ${host.size}"] == ["haproxy s-2vcpu-4gb-amd", "service1 s-2vcpu-4gb-amd", "generator1 s-2vcpu-4gb-amd"]
    error_message = "By default there is one host of a tier, of the article's size."
  }

  assert {
    condition     = alltrue([for size in ["s-2vcpu-4gb-amd", "db-s-2vcpu-4gb"] : merge(local.prices.droplets, local.prices.databases)[size].vcpus == 2 && merge(local.prices.droplets, local.prices.databases)[size].memory_gb == 4])
    error_message = "The article's hosts had 2 vCPU and 4 GB."
  }

  assert {
    condition     = digitalocean_ssh_key.main.public_key == "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHlrVyq0gdqXxA0x6ARLIwvXQ4u8uA3m1v9oQbl0J9fO me@example"
    error_message = "The key is given without the end of its line, which would be a change at each plan."
  }

  assert {
    condition     = digitalocean_project.main.name == "showdown"
    error_message = "The stack has a project of its own."
  }

  assert {
    condition     = [for filter in data.digitalocean_sizes.used.filter : "${filter.key} ${join(" ", filter.values)}"] == ["slug s-2vcpu-4gb-amd"]
    error_message = "Prices of the sizes in use are compared with the API's."
  }
}

run "sizes_and_cost" {
  command = plan

  variables {
    service_count   = 3
    generator_count = 2
    haproxy_size    = "s-2vcpu-4gb"
    service_size    = "s-4vcpu-8gb"
    generator_size  = "c-2"
    database_size   = "db-s-4vcpu-8gb"
    pool_size       = 170
    pool_mode       = "transaction"
  }

  assert {
    condition = jsonencode(output.cost) == jsonencode({
      items = [
        { name = "haproxy", count = 1, size = "s-2vcpu-4gb", usd_per_month = 24 },
        { name = "service", count = 3, size = "s-4vcpu-8gb", usd_per_month = 144 },
        { name = "generator", count = 2, size = "c-2", usd_per_month = 84 },
        { name = "database", count = 1, size = "db-s-4vcpu-8gb", usd_per_month = 122.10 },
      ]
      usd_per_month = 374.10
      usd_per_hour  = 0.5567
    })
    error_message = "The cost is that of all hosts and the database; an hour is 1/672 of a month."
  }

  assert {
    condition = [for host in output.stack.hosts : "${host.name} ${host.size} ${host.usd_per_month}"] == [
      "haproxy s-2vcpu-4gb 24",
      "service1 s-4vcpu-8gb 48", "service2 s-4vcpu-8gb 48", "service3 s-4vcpu-8gb 48",
      "generator1 c-2 42", "generator2 c-2 42",
    ]
    error_message = "Each host has the size of its tier, and its price."
  }

  assert {
    condition = [for key in ["size", "usd_per_month", "pool_mode", "pool_size"] : tostring(output.stack.database[key])] == [
      "db-s-4vcpu-8gb", "122.1", "transaction", "170",
    ]
    error_message = "The database has the size, price and pool that were asked for."
  }
}

run "one_service_host" {
  override_resource {
    target = module.haproxy.digitalocean_droplet.host
    values = { id = "1", ipv4_address = "192.0.2.1", ipv4_address_private = "10.10.0.2" }
  }

  override_resource {
    target = module.services.digitalocean_droplet.host
    values = { id = "2", ipv4_address = "192.0.2.2", ipv4_address_private = "10.10.0.3" }
  }

  override_resource {
    target = module.generators.digitalocean_droplet.host
    values = { id = "3", ipv4_address = "192.0.2.3", ipv4_address_private = "10.10.0.4" }
  }

  assert {
    condition = output.stack == {
      haproxy       = { urls = [for port in range(80, 90) : "http://10.10.0.2:${port}"] }
      service_ports = [for port in range(8000, 8010) : port]
      locust_port   = 5557
      hosts = [
        { id = "1", name = "haproxy", tier = "haproxy", public_address = "192.0.2.1", private_address = "10.10.0.2", size = "s-2vcpu-4gb-amd", usd_per_month = 28 },
        { id = "2", name = "service1", tier = "service", public_address = "192.0.2.2", private_address = "10.10.0.3", size = "s-2vcpu-4gb-amd", usd_per_month = 28 },
        { id = "3", name = "generator1", tier = "generator", public_address = "192.0.2.3", private_address = "10.10.0.4", size = "s-2vcpu-4gb-amd", usd_per_month = 28 },
      ]
      database = {
        host          = "private.example"
        public_host   = "public.example"
        port          = 25060
        pool_port     = 25061
        name          = "showdown"
        pool_name     = "pool"
        pool_mode     = "session"
        pool_size     = 80
        size          = "db-s-2vcpu-4gb"
        usd_per_month = 60.90
      }
    }
    error_message = "The output stack is what showdown drives."
  }

  assert {
    condition     = output.database_ca == "-----BEGIN CERTIFICATE-----"
    error_message = "The database's certificate is told."
  }

  assert {
    condition = issensitive(output.database_users) && nonsensitive(output.database_users) == {
      owner = { name = "doadmin", password = "password-of-owner" }
      api   = { name = "api", password = "password-of-api" }
    }
    error_message = "Both users' passwords are told, as a secret."
  }

  assert {
    condition     = !strcontains(jsonencode([output.stack, output.database_ca, output.cost]), "password-of")
    error_message = "An output that is not marked as sensitive has no secret."
  }

  assert {
    condition     = !strcontains(join("", [module.haproxy_user_data.text, module.service_user_data.text, module.generator_user_data.text]), "password-of")
    error_message = "No user data has a secret."
  }
}

run "three_service_hosts" {
  variables {
    service_count    = 3
    generator_count  = 2
    pool_size        = 60
    haproxy_port     = 8080
    service_port     = 9000
    services_at_once = 2
    haproxy_size     = "s-4vcpu-8gb"
  }

  assert {
    condition     = output.stack.hosts[*].name == ["haproxy", "service1", "service2", "service3", "generator1", "generator2"]
    error_message = "Three service hosts and two generator hosts are there."
  }

  assert {
    condition     = output.stack.haproxy.urls == [for port in [8080, 8081] : "http://${output.stack.hosts[0].private_address}:${port}"]
    error_message = "haproxy's URLs have its address and its ports."
  }

  assert {
    condition     = digitalocean_project_resources.hosts.resources == toset(concat(module.haproxy.urns, module.services.urns, module.generators.urns))
    error_message = "All hosts are in the project."
  }
}
