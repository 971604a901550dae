# The validation of each variable refuses bad values.

mock_provider "digitalocean" {}

variables {
  ssh_public_key    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHlrVyq0gdqXxA0x6ARLIwvXQ4u8uA3m1v9oQbl0J9fO me@example"
  allowed_addresses = ["203.0.113.7/32"]
}

run "name_of_two_letters" {
  command = plan

  variables {
    name = "ab"
  }

  expect_failures = [var.name]
}

run "name_in_capitals" {
  command = plan

  variables {
    name = "Showdown"
  }

  expect_failures = [var.name]
}

run "name_with_a_dash_at_its_end" {
  command = plan

  variables {
    name = "showdown-"
  }

  expect_failures = [var.name]
}

run "region_as_a_city" {
  command = plan

  variables {
    region = "New York"
  }

  expect_failures = [var.region]
}

run "image_of_another_debian" {
  command = plan

  variables {
    image = "debian-12-x64"
  }

  expect_failures = [var.image]
}

run "vpc_id_that_is_a_name" {
  command = plan

  variables {
    vpc_id = "default-nyc3"
  }

  expect_failures = [var.vpc_id]
}

run "vpc_ip_range_of_one_address" {
  command = plan

  variables {
    vpc_ip_range = "10.10.0.5/24"
  }

  expect_failures = [var.vpc_ip_range]
}

run "vpc_ip_range_of_public_addresses" {
  command = plan

  variables {
    vpc_ip_range = "203.0.113.0/24"
  }

  expect_failures = [var.vpc_ip_range]
}

run "vpc_ip_range_too_large" {
  command = plan

  variables {
    vpc_ip_range = "10.0.0.0/8"
  }

  expect_failures = [var.vpc_ip_range]
}

run "vpc_ip_range_that_is_reserved_everywhere" {
  command = plan

  variables {
    vpc_ip_range = "10.244.7.0/24"
  }

  expect_failures = [var.vpc_ip_range]
}

run "vpc_ip_range_that_is_reserved_in_its_region" {
  command = plan

  variables {
    region       = "nyc1"
    vpc_ip_range = "10.10.0.0/24"
  }

  expect_failures = [var.vpc_ip_range]
}

run "vpc_ip_range_of_ipv6" {
  command = plan

  variables {
    vpc_ip_range = "fd00::/64"
  }

  expect_failures = [var.vpc_ip_range]
}

run "ssh_public_key_as_a_path" {
  command = plan

  variables {
    ssh_public_key = "~/.ssh/id_ed25519.pub"
  }

  expect_failures = [var.ssh_public_key]
}

run "ssh_public_key_that_is_private" {
  command = plan

  variables {
    ssh_public_key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
  }

  expect_failures = [var.ssh_public_key]
}

run "allowed_addresses_without_any" {
  command = plan

  variables {
    allowed_addresses = []
  }

  expect_failures = [var.allowed_addresses]
}

run "allowed_addresses_without_a_prefix" {
  command = plan

  variables {
    allowed_addresses = ["203.0.113.7"]
  }

  expect_failures = [var.allowed_addresses]
}

run "allowed_addresses_with_bits_behind_the_prefix" {
  command = plan

  variables {
    allowed_addresses = ["203.0.113.7/24"]
  }

  expect_failures = [var.allowed_addresses]
}

run "allowed_addresses_of_ipv6" {
  command = plan

  variables {
    allowed_addresses = ["2001:db8::/32"]
  }

  expect_failures = [var.allowed_addresses]
}

run "allowed_addresses_of_everybody" {
  command = plan

  variables {
    allowed_addresses = ["203.0.113.7/32", "0.0.0.0/0"]
  }

  expect_failures = [var.allowed_addresses]
}

run "service_count_of_none" {
  command = plan

  variables {
    service_count = 0
  }

  expect_failures = [var.service_count]
}

run "service_count_of_eleven" {
  command = plan

  variables {
    service_count = 11
  }

  expect_failures = [var.service_count]
}

run "service_count_of_a_half" {
  command = plan

  variables {
    service_count = 1.5
  }

  expect_failures = [var.service_count]
}

run "generator_count_of_none" {
  command = plan

  variables {
    generator_count = 0
  }

  expect_failures = [var.generator_count]
}

run "generator_count_of_eleven" {
  command = plan

  variables {
    generator_count = 11
  }

  expect_failures = [var.generator_count]
}

run "haproxy_size_without_a_price" {
  command = plan

  variables {
    haproxy_size = "s-3vcpu-1gb"
  }

  expect_failures = [var.haproxy_size]
}

run "service_size_without_a_price" {
  command = plan

  variables {
    service_size = "s-3vcpu-1gb"
  }

  expect_failures = [var.service_size]
}

run "generator_size_without_a_price" {
  command = plan

  variables {
    generator_size = "db-s-2vcpu-4gb"
  }

  expect_failures = [var.generator_size]
}

run "database_size_without_a_price" {
  command = plan

  variables {
    database_size = "s-2vcpu-4gb"
  }

  expect_failures = [var.database_size]
}

run "postgres_version_that_is_not_on_offer_any_more" {
  command = plan

  variables {
    postgres_version = "14"
  }

  expect_failures = [var.postgres_version]
}

run "postgres_version_with_a_minor_one" {
  command = plan

  variables {
    postgres_version = "17.2"
  }

  expect_failures = [var.postgres_version]
}

run "pool_mode_of_statements" {
  command = plan

  variables {
    pool_mode = "statement"
  }

  expect_failures = [var.pool_mode]
}

run "pool_size_of_none" {
  command = plan

  variables {
    pool_size = 0
  }

  expect_failures = [var.pool_size]
}

run "pool_size_of_a_half" {
  command = plan

  variables {
    pool_size = 25.5
  }

  expect_failures = [var.pool_size]
}

run "pool_size_larger_than_the_database_allows" {
  command = plan

  variables {
    pool_size = 93
  }

  expect_failures = [var.pool_size]
}

run "haproxy_port_of_none" {
  command = plan

  variables {
    haproxy_port = 0
  }

  expect_failures = [var.haproxy_port]
}

run "haproxy_port_too_high" {
  command = plan

  variables {
    haproxy_port = 16384
  }

  expect_failures = [var.haproxy_port]
}

run "haproxy_port_of_ssh" {
  command = plan

  variables {
    haproxy_port = 22
  }

  expect_failures = [var.haproxy_port]
}

run "service_port_privileged" {
  command = plan

  variables {
    service_port = 80
  }

  expect_failures = [var.service_port]
}

run "service_port_that_outgoing_connections_are_given" {
  command = plan

  variables {
    service_port = 16384
  }

  expect_failures = [var.service_port]
}

run "services_at_once_of_none" {
  command = plan

  variables {
    services_at_once = 0
  }

  expect_failures = [var.services_at_once]
}

run "services_at_once_beyond_the_last_port" {
  command = plan

  variables {
    service_port     = 16380
    services_at_once = 5
  }

  expect_failures = [var.services_at_once]
}

run "haproxys_ports_with_that_of_ssh" {
  command = plan

  variables {
    haproxy_port = 20
  }

  expect_failures = [var.services_at_once]
}

run "locust_port_of_a_service_that_is_not_the_first" {
  command = plan

  variables {
    locust_port = 8009
  }

  expect_failures = [var.locust_port]
}

run "locust_port_privileged" {
  command = plan

  variables {
    locust_port = 1023
  }

  expect_failures = [var.locust_port]
}

run "locust_port_that_outgoing_connections_are_given" {
  command = plan

  variables {
    locust_port = 16384
  }

  expect_failures = [var.locust_port]
}

run "locust_port_of_services" {
  command = plan

  variables {
    locust_port = 8000
  }

  expect_failures = [var.locust_port]
}

run "locust_port_of_a_half" {
  command = plan

  variables {
    locust_port = 5557.5
  }

  expect_failures = [var.locust_port]
}

# In session mode the pool has to hold all connections of all service hosts.

run "pool_size_for_two_service_hosts" {
  command = plan

  variables {
    service_count = 2
    pool_size     = 39
  }

  expect_failures = [var.pool_size]
}

run "pool_size_for_two_service_hosts_that_is_enough" {
  command = plan

  variables {
    service_count = 2
    pool_size     = 40
  }
}

# As many as the default database_size allows.
run "pool_size_for_four_service_hosts" {
  command = plan

  variables {
    service_count = 4
    pool_size     = 92
  }
}

run "pool_size_in_transaction_mode" {
  command = plan

  variables {
    service_count = 10
    pool_mode     = "transaction"
  }
}

# The limits themselves are good values.

run "limits" {
  command = plan

  variables {
    name              = "abc"
    vpc_ip_range      = "172.31.0.0/16"
    ssh_public_key    = "ssh-rsa AAAAB3NzaC1yc2E="
    allowed_addresses = ["203.0.113.7/32", "198.51.100.0/24", "10.0.0.0/8"]
    service_count     = 10
    generator_count   = 10
    postgres_version  = "15"
    database_size     = "db-s-4vcpu-8gb"
    pool_mode         = "transaction"
    pool_size         = 192
    services_at_once  = 1
    haproxy_port      = 16383
    service_port      = 1024
    locust_port       = 16383
  }
}
