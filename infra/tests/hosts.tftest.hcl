# The hosts of one tier.

mock_provider "digitalocean" {}

variables {
  stack     = "demo"
  tier      = "service"
  names     = ["service1", "service2", "service10"]
  region    = "fra1"
  image     = "debian-13-x64"
  size      = "s-4vcpu-8gb"
  vpc_id    = "vpc"
  tags      = ["demo-service", "demo"]
  ssh_key   = "aa:bb"
  user_data = "#cloud-config\n"
}

run "hosts" {
  command = plan

  module {
    source = "./modules/hosts"
  }

  assert {
    condition = alltrue([
      for host in digitalocean_droplet.host :
      host.region == "fra1" && host.image == "debian-13-x64" && host.size == "s-4vcpu-8gb" && host.vpc_uuid == "vpc" &&
      host.tags == toset(["demo-service", "demo"]) && host.ssh_keys == toset(["aa:bb"])
    ])
    error_message = "Every host has the size, image, network, tag and key of its tier."
  }

  assert {
    # The provider keeps only a digest of user data.
    condition     = alltrue([for host in digitalocean_droplet.host : contains(["#cloud-config\n", sha1("#cloud-config\n")], host.user_data)])
    error_message = "Every host has the user data of its tier."
  }

  assert {
    condition     = alltrue([for host in digitalocean_droplet.host : !host.monitoring && !host.droplet_agent && !host.ipv6 && !host.backups])
    error_message = "Nothing runs on a host that is not needed there."
  }

  assert {
    condition     = alltrue([for host in digitalocean_droplet.host : host.graceful_shutdown && !host.resize_disk])
    error_message = "A host says good-bye to pgbouncer, and can go back to a smaller size."
  }

  assert {
    condition     = output.hosts[*].name == ["service1", "service2", "service10"] && alltrue([for name, host in digitalocean_droplet.host : host.name == "demo-${name}"])
    error_message = "Hosts have the stack's name before theirs, and are listed in the order of their names as given."
  }
}
