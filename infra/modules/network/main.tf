# The network that the hosts share, and the firewalls that say which of them may talk to each other.

# Only if none is given.
resource "digitalocean_vpc" "main" {
  count = var.vpc_id == null ? 1 : 0

  name     = var.name
  region   = var.region
  ip_range = var.ip_range

  # Hosts and database leave it some time after they are deleted. Until then it cannot be deleted.
  timeouts {
    delete = "10m"
  }

  lifecycle {
    # At this moment nothing has been made that costs anything.
    postcondition {
      condition     = !self.default
      error_message = "The account had no VPC in this region, so this one has become the region's default, and DigitalOcean never deletes a region's default. It costs nothing: have the stack use it, and not own it. Set vpc_id = \"${self.id}\" in terraform.tfvars, type `terraform -chdir=infra state rm 'module.network.digitalocean_vpc.main[0]'`, then apply again."
    }
  }
}

moved {
  from = digitalocean_vpc.main
  to   = digitalocean_vpc.main[0]
}

data "digitalocean_vpc" "given" {
  count = var.vpc_id == null ? 0 : 1

  id = var.vpc_id

  lifecycle {
    postcondition {
      condition     = self.region == var.region
      error_message = "The VPC ${self.name} is in the region ${self.region}, and the stack in ${var.region}: choose a vpc_id or a region so that they agree."
    }
  }
}

locals {
  vpc = one([for vpc in concat(digitalocean_vpc.main, data.digitalocean_vpc.given) : { id = vpc.id, ip_range = vpc.ip_range }])
}

# On everything that can have a tag and costs money: by it leftovers are found.
resource "digitalocean_tag" "stack" {
  name = var.name
}

# Firewalls select hosts by tag, so one more host changes no firewall.
resource "digitalocean_tag" "tier" {
  for_each = toset(["haproxy", "service", "generator"])

  name = "${var.name}-${each.key}"
}

locals {
  tags = { for tier, tag in digitalocean_tag.tier : tier => tag.name }
  # IPv6 is off on the hosts.
  everywhere = ["0.0.0.0/0"]
}

# The rules of all firewalls of a host add up. Every host needs these.
resource "digitalocean_firewall" "hosts" {
  name = "${var.name}-hosts"
  tags = values(local.tags)

  # showdown drives the hosts over SSH.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.allowed_addresses
  }

  # The provider's resolvers, which are outside the VPC; long answers come over TCP.
  outbound_rule {
    protocol              = "udp"
    port_range            = "53"
    destination_addresses = local.everywhere
  }

  outbound_rule {
    protocol              = "tcp"
    port_range            = "53"
    destination_addresses = local.everywhere
  }

  # Debian's packages come over HTTP (they are signed), other packages over HTTPS.
  outbound_rule {
    protocol              = "tcp"
    port_range            = "80"
    destination_addresses = local.everywhere
  }

  outbound_rule {
    protocol              = "tcp"
    port_range            = "443"
    destination_addresses = local.everywhere
  }

  # Samples of several hosts are put together, so their clocks must agree.
  outbound_rule {
    protocol              = "udp"
    port_range            = "123"
    destination_addresses = local.everywhere
  }

  # To haproxy, services, Postgres and Locust's master. The inbound rules say who may connect to each of them.
  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = [local.vpc.ip_range]
  }
}

resource "digitalocean_firewall" "haproxy" {
  name = "${var.name}-haproxy"
  tags = [local.tags.haproxy]

  # The load comes over the VPC.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "${var.haproxy_port}-${var.haproxy_port + var.services_at_once - 1}"
    source_addresses = var.haproxy_is_open ? var.allowed_addresses : null
    source_tags      = [local.tags.generator]
  }
}

resource "digitalocean_firewall" "service" {
  name = "${var.name}-service"
  tags = [local.tags.service]

  # Generators too: they verify a variant on each host before haproxy spreads requests over the hosts.
  inbound_rule {
    protocol    = "tcp"
    port_range  = "${var.service_port}-${var.service_port + var.services_at_once - 1}"
    source_tags = [local.tags.haproxy, local.tags.generator]
  }
}

resource "digitalocean_firewall" "generator" {
  name = "${var.name}-generator"
  tags = [local.tags.generator]

  # Locust's workers connect to the master. Its protocol has neither encryption nor authentication.
  inbound_rule {
    protocol    = "tcp"
    port_range  = tostring(var.locust_port)
    source_tags = [local.tags.generator]
  }
}
