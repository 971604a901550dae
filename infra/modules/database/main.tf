# Managed Postgres, and the pgbouncer in front of it.

resource "digitalocean_database_cluster" "main" {
  name                 = var.name
  engine               = "pg"
  version              = var.postgres_version
  size                 = var.size
  region               = var.region
  node_count           = 1
  private_network_uuid = var.vpc_id
  tags                 = var.tags
  # Made inside its project, which therefore goes after it: a project that goes first moves it to the account's default.
  project_id = var.project_id

  # It takes five to fifteen minutes. One that is later than this is forgotten by Terraform, and goes on to cost money.
  timeouts {
    create = "60m"
  }
}

# One after the other, each waits for the one before: while a cluster carries out one change, another may be lost, and the
# provider then says that what it has made is "present, but now absent" (its issues 852 and 913).
resource "digitalocean_database_db" "main" {
  cluster_id = digitalocean_database_cluster.main.id
  name       = "showdown"
}

# Services may read and write rows; tables belong to the cluster's own user.
resource "digitalocean_database_user" "api" {
  cluster_id = digitalocean_database_cluster.main.id
  name       = "api"

  depends_on = [digitalocean_database_db.main]
}

resource "digitalocean_database_connection_pool" "main" {
  cluster_id = digitalocean_database_cluster.main.id
  name       = "pool"
  mode       = var.pool_mode
  size       = var.pool_size
  db_name    = digitalocean_database_db.main.name
  user       = digitalocean_database_user.api.name
}

# Without this, the cluster would answer the whole Internet on its public address.
resource "digitalocean_database_firewall" "main" {
  cluster_id = digitalocean_database_cluster.main.id

  dynamic "rule" {
    for_each = toset(var.trusted_tags)

    content {
      type  = "tag"
      value = rule.value
    }
  }

  depends_on = [digitalocean_database_connection_pool.main]
}

data "digitalocean_database_ca" "main" {
  cluster_id = digitalocean_database_cluster.main.id
}
