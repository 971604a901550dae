output "vpc_id" {
  description = "Id of the VPC."
  value       = local.vpc.id
}

output "stack_tag" {
  description = "Tag of everything that costs money, whose name is the stack's."
  value       = digitalocean_tag.stack.name
}

output "tags" {
  description = "Tag of each tier's hosts (haproxy, service, generator), which puts them behind their firewalls."
  value       = local.tags

  # Who waits for a tag waits for the firewalls too, and is destroyed before them: no host is ever without them.
  depends_on = [
    digitalocean_firewall.hosts,
    digitalocean_firewall.haproxy,
    digitalocean_firewall.service,
    digitalocean_firewall.generator,
  ]
}
