# The network that the hosts share, and who may talk to whom in it.

resource "digitalocean_vpc" "main" {
  name     = var.name
  region   = var.region
  ip_range = var.ip_range
}

# Firewalls go by tag: one more host changes no firewall.
resource "digitalocean_tag" "tier" {
  for_each = toset(["haproxy", "service", "generator"])

  name = "${var.name}-${each.key}"
}

locals {
  tags = { for tier, tag in digitalocean_tag.tier : tier => tag.name }
  # IPv6 is off on the hosts.
  everywhere = ["0.0.0.0/0"]
}

# Rules of all firewalls of a host add up: here are those that every host needs.
resource "digitalocean_firewall" "hosts" {
  name = "${var.name}-hosts"
  tags = values(local.tags)

  # showdown drives the hosts over SSH.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "22"
    source_addresses = var.allowed_addresses
  }

  # Resolvers of the provider, which are outside of the VPC; over TCP when an answer is long.
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

  # Packages of Debian over HTTP (they are signed), all others and the repository over HTTPS.
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

  # Latencies of several hosts are put together: their clocks must agree.
  outbound_rule {
    protocol              = "udp"
    port_range            = "123"
    destination_addresses = local.everywhere
  }

  # haproxy, services, Postgres and Locust's master; who lets whom in is said by the inbound rules.
  outbound_rule {
    protocol              = "tcp"
    port_range            = "1-65535"
    destination_addresses = [var.ip_range]
  }
}

resource "digitalocean_firewall" "haproxy" {
  name = "${var.name}-haproxy"
  tags = [local.tags.haproxy]

  # The load comes over the VPC; the allowed addresses are for a look with curl.
  inbound_rule {
    protocol         = "tcp"
    port_range       = "${var.haproxy_port}-${var.haproxy_port + var.services_at_once - 1}"
    source_addresses = var.allowed_addresses
    source_tags      = [local.tags.generator]
  }
}

resource "digitalocean_firewall" "service" {
  name = "${var.name}-service"
  tags = [local.tags.service]

  # Generators too: a variant is verified on each host before haproxy spreads requests over them.
  inbound_rule {
    protocol    = "tcp"
    port_range  = "${var.service_port}-${var.service_port + var.services_at_once - 1}"
    source_tags = [local.tags.haproxy, local.tags.generator]
  }
}

resource "digitalocean_firewall" "generator" {
  name = "${var.name}-generator"
  tags = [local.tags.generator]

  # Locust's workers come to the master; nothing of its protocol is encrypted or asks who one is.
  inbound_rule {
    protocol    = "tcp"
    port_range  = tostring(var.locust_port)
    source_tags = [local.tags.generator]
  }
}
