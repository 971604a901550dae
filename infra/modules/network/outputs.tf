output "vpc_id" {
  description = "Id of the VPC."
  value       = digitalocean_vpc.main.id
}

output "tags" {
  description = "Tag of each tier's hosts (haproxy, service, generator), which puts them behind their firewalls."
  value       = local.tags

  # A host that waits for its tag waits for its firewalls too, and is gone before they are: it is never without them.
  depends_on = [
    digitalocean_firewall.hosts,
    digitalocean_firewall.haproxy,
    digitalocean_firewall.service,
    digitalocean_firewall.generator,
  ]
}
