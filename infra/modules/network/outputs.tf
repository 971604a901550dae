output "vpc_id" {
  description = "Id of the VPC."
  value       = digitalocean_vpc.main.id
}

output "tags" {
  description = "Tag of each tier's hosts (haproxy, service, generator), which puts them behind their firewalls."
  value       = local.tags
}
