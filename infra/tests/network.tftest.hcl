# Every rule of every firewall, and the hosts that it applies to.

mock_provider "digitalocean" {}

variables {
  name              = "demo"
  region            = "fra1"
  vpc_id            = null
  ip_range          = "10.20.0.0/24"
  allowed_addresses = ["203.0.113.7/32", "198.51.100.0/24"]
  haproxy_is_open   = false
  haproxy_port      = 81
  service_port      = 8001
  services_at_once  = 3
  locust_port       = 5558
}

run "network" {
  command = plan

  module {
    source = "./modules/network"
  }

  assert {
    condition     = digitalocean_vpc.main[0].name == "demo" && digitalocean_vpc.main[0].region == "fra1" && digitalocean_vpc.main[0].ip_range == "10.20.0.0/24"
    error_message = "The VPC has the name, region and range that were asked for."
  }

  assert {
    condition     = output.tags == { haproxy = "demo-haproxy", service = "demo-service", generator = "demo-generator" }
    error_message = "Each tier has a tag of its own, with the stack's name in it."
  }

  assert {
    condition     = output.stack_tag == "demo"
    error_message = "The stack has a tag for everything that costs money."
  }

  assert {
    condition = {
      hosts     = digitalocean_firewall.hosts.tags
      haproxy   = digitalocean_firewall.haproxy.tags
      service   = digitalocean_firewall.service.tags
      generator = digitalocean_firewall.generator.tags
      } == {
      hosts     = toset(["demo-haproxy", "demo-service", "demo-generator"])
      haproxy   = toset(["demo-haproxy"])
      service   = toset(["demo-service"])
      generator = toset(["demo-generator"])
    }
    error_message = "One firewall is for all hosts, and one for each tier."
  }

  assert {
    condition = {
      for firewall in [digitalocean_firewall.hosts, digitalocean_firewall.haproxy, digitalocean_firewall.service, digitalocean_firewall.generator] :
      firewall.name => [
        for rule in firewall.inbound_rule :
        "${rule.protocol} ${rule.port_range} from ${join(", ", sort(flatten([for sources in [rule.source_addresses, rule.source_tags] : sources == null ? [] : tolist(sources)])))}"
      ]
      } == {
      demo-hosts     = ["tcp 22 from 198.51.100.0/24, 203.0.113.7/32"]
      demo-haproxy   = ["tcp 81-83 from demo-generator"]
      demo-service   = ["tcp 8001-8003 from demo-generator, demo-haproxy"]
      demo-generator = ["tcp 5558 from demo-generator"]
    }
    error_message = "Nothing but these may come in."
  }

  assert {
    condition = toset([
      for rule in digitalocean_firewall.hosts.outbound_rule :
      "${rule.protocol} ${rule.port_range} to ${join(", ", rule.destination_addresses)}"
      ]) == toset([
      "udp 53 to 0.0.0.0/0",
      "tcp 53 to 0.0.0.0/0",
      "tcp 80 to 0.0.0.0/0",
      "tcp 443 to 0.0.0.0/0",
      "udp 123 to 0.0.0.0/0",
      "tcp 1-65535 to 10.20.0.0/24",
    ])
    error_message = "Nothing but these may go out."
  }

  assert {
    condition     = length(concat([for firewall in [digitalocean_firewall.haproxy, digitalocean_firewall.service, digitalocean_firewall.generator] : tolist(firewall.outbound_rule)]...)) == 0
    error_message = "What may go out is the same for all hosts."
  }
}

run "haproxy_that_is_open" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    haproxy_is_open = true
  }

  assert {
    condition = [
      for rule in digitalocean_firewall.haproxy.inbound_rule : sort(concat(tolist(rule.source_addresses), tolist(rule.source_tags)))
    ] == [tolist(["198.51.100.0/24", "203.0.113.7/32", "demo-generator"])]
    error_message = "haproxy may be reached from the allowed addresses, if that is asked for."
  }
}

run "network_in_a_vpc_that_exists" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id = "5a4981aa-9653-4bd1-bef5-d6bff52042e4"
  }

  override_data {
    target = data.digitalocean_vpc.given
    values = { region = "fra1", ip_range = "10.108.0.0/20" }
  }

  assert {
    condition     = length(digitalocean_vpc.main) == 0 && output.vpc_id == "5a4981aa-9653-4bd1-bef5-d6bff52042e4"
    error_message = "No VPC is made beside the one that was given."
  }

  assert {
    condition = contains(
      [for rule in digitalocean_firewall.hosts.outbound_rule : join(", ", rule.destination_addresses) if rule.port_range == "1-65535"], "10.108.0.0/20"
    )
    error_message = "Hosts may connect inside the VPC that was given."
  }
}

run "network_in_a_vpc_of_another_region" {
  command = plan

  module {
    source = "./modules/network"
  }

  variables {
    vpc_id = "5a4981aa-9653-4bd1-bef5-d6bff52042e4"
  }

  override_data {
    target = data.digitalocean_vpc.given
    values = { region = "nyc3", ip_range = "10.108.0.0/20" }
  }

  expect_failures = [data.digitalocean_vpc.given]
}
