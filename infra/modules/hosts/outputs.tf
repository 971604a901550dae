output "hosts" {
  description = "The hosts, in the order of the given names: id, name inside the stack, tier, public and private IPv4 address, size."
  value = [
    for name in var.names : {
      id              = digitalocean_droplet.host[name].id
      name            = name
      tier            = var.tier
      public_address  = digitalocean_droplet.host[name].ipv4_address
      private_address = digitalocean_droplet.host[name].ipv4_address_private
      size            = digitalocean_droplet.host[name].size
    }
  ]
}

output "urns" {
  description = "Uniform resource names of the hosts, for a project."
  value       = [for name in var.names : digitalocean_droplet.host[name].urn]
}
