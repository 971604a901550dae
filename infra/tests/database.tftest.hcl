# Postgres, its pool, and who may reach them.

mock_provider "digitalocean" {
  mock_resource "digitalocean_database_cluster" {
    defaults = {
      id           = "11111111-1111-4111-8111-111111111111"
      urn          = "do:dbaas:11111111-1111-4111-8111-111111111111"
      host         = "public.example"
      private_host = "private.example"
      port         = 25060
      user         = "doadmin"
      password     = "owner's password"
    }
  }

  mock_resource "digitalocean_database_user" {
    defaults = {
      password = "api's password"
    }
  }

  mock_resource "digitalocean_database_connection_pool" {
    defaults = {
      port = 25061
    }
  }

  mock_data "digitalocean_database_ca" {
    defaults = {
      certificate = "-----BEGIN CERTIFICATE-----"
    }
  }
}

variables {
  name             = "demo"
  region           = "fra1"
  vpc_id           = "22222222-2222-4222-8222-222222222222"
  size             = "db-s-1vcpu-2gb"
  postgres_version = "16"
  pool_mode        = "transaction"
  pool_size        = 30
  trusted_tags     = ["demo-service", "demo-generator"]
  project_id       = "33333333-3333-4333-8333-333333333333"
  tags             = ["demo"]
}

run "database" {
  module {
    source = "./modules/database"
  }

  assert {
    condition = [
      digitalocean_database_cluster.main.engine,
      digitalocean_database_cluster.main.version,
      digitalocean_database_cluster.main.size,
      digitalocean_database_cluster.main.region,
      tostring(digitalocean_database_cluster.main.node_count),
      digitalocean_database_cluster.main.private_network_uuid,
    ] == ["pg", "16", "db-s-1vcpu-2gb", "fra1", "1", "22222222-2222-4222-8222-222222222222"]
    error_message = "The cluster is one Postgres of the version and size that were asked for, in the VPC."
  }

  assert {
    condition     = digitalocean_database_cluster.main.tags == toset(["demo"])
    error_message = "The cluster has the stack's tag, by which leftovers are found."
  }

  assert {
    condition     = digitalocean_database_connection_pool.main.mode == "transaction" && digitalocean_database_connection_pool.main.size == 30
    error_message = "The pool has the mode and size that were asked for."
  }

  assert {
    condition     = digitalocean_database_connection_pool.main.db_name == "showdown" && digitalocean_database_connection_pool.main.user == "api"
    error_message = "Services reach the database showdown through the pool, as api."
  }

  assert {
    condition = (
      toset([for rule in digitalocean_database_firewall.main.rule : "${rule.type} ${rule.value}"]) == toset(["tag demo-service", "tag demo-generator"])
    )
    error_message = "Only hosts with a trusted tag reach Postgres."
  }

  assert {
    condition = alltrue([
      for cluster in [
        digitalocean_database_db.main.cluster_id, digitalocean_database_user.api.cluster_id, digitalocean_database_connection_pool.main.cluster_id,
        digitalocean_database_firewall.main.cluster_id, data.digitalocean_database_ca.main.cluster_id,
      ] :
      cluster == "11111111-1111-4111-8111-111111111111"
    ])
    error_message = "All parts are of one cluster."
  }

  assert {
    condition = {
      host    = output.host
      public  = output.public_host
      port    = output.port
      name    = output.name
      version = digitalocean_database_cluster.main.version
      size    = output.size
      pool    = output.pool
      ca      = output.ca
      } == {
      host    = "private.example"
      public  = "public.example"
      port    = 25060
      name    = "showdown"
      version = "16"
      size    = "db-s-1vcpu-2gb"
      pool    = { port = 25061, name = "pool", mode = "transaction", size = 30 }
      ca      = "-----BEGIN CERTIFICATE-----"
    }
    error_message = "The outputs tell how to reach Postgres and the pool inside the VPC."
  }

  assert {
    condition = issensitive(output.users) && nonsensitive(output.users) == {
      owner = { name = "doadmin", password = "owner's password" }
      api   = { name = "api", password = "api's password" }
    }
    error_message = "Both users' passwords are told, as a secret."
  }
}

run "without_trusted_sources" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    trusted_tags = []
  }

  expect_failures = [var.trusted_tags]
}
