output "host" {
  description = "Name of the cluster inside the VPC."
  value       = digitalocean_database_cluster.main.private_host
}

output "public_host" {
  description = "Name of the cluster on the Internet. Its certificate may have this name alone."
  value       = digitalocean_database_cluster.main.host
}

output "port" {
  description = "Port of Postgres itself."
  value       = digitalocean_database_cluster.main.port
}

output "name" {
  description = "Name of the database for connections to Postgres itself."
  value       = digitalocean_database_db.main.name
}

output "size" {
  description = "Slug of the node's size."
  value       = digitalocean_database_cluster.main.size
}

output "pool" {
  description = "The connection pool: its port on the same host, the database name for connections to it, its mode and its size."
  value = {
    port = digitalocean_database_connection_pool.main.port
    name = digitalocean_database_connection_pool.main.name
    mode = digitalocean_database_connection_pool.main.mode
    size = digitalocean_database_connection_pool.main.size
  }
}

output "ca" {
  description = "Certificate (PEM) of the CA that signs those of Postgres and the pool."
  value       = data.digitalocean_database_ca.main.certificate
}

output "users" {
  description = "Name and password of the cluster's own user (owner) and of the services' (api)."
  sensitive   = true
  value = {
    owner = {
      name     = digitalocean_database_cluster.main.user
      password = digitalocean_database_cluster.main.password
    }
    api = {
      name     = digitalocean_database_user.api.name
      password = digitalocean_database_user.api.password
    }
  }
}
