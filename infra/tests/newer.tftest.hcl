# What only a newer provider knows than the one that the Go module proxy serves. lab/tools.py leaves this out for that one.

mock_provider "digitalocean" {}

run "database_in_its_project" {
  command = plan

  module {
    source = "./modules/database"
  }

  variables {
    name             = "demo"
    region           = "fra1"
    vpc_id           = "22222222-2222-4222-8222-222222222222"
    project_id       = "33333333-3333-4333-8333-333333333333"
    tags             = ["demo"]
    size             = "db-s-1vcpu-2gb"
    postgres_version = "17"
    pool_mode        = "session"
    pool_size        = 30
    trusted_tags     = ["demo-service"]
  }

  assert {
    condition     = digitalocean_database_cluster.main.project_id == "33333333-3333-4333-8333-333333333333"
    error_message = "The cluster is made in its project."
  }

  assert {
    condition     = digitalocean_database_cluster.main.timeouts.create == "60m"
    error_message = "A cluster that is late is waited for."
  }
}

run "hosts_that_leave_slowly" {
  command = plan

  module {
    source = "./modules/hosts"
  }

  variables {
    stack     = "demo"
    tier      = "service"
    names     = ["service1"]
    region    = "fra1"
    image     = "debian-13-x64"
    size      = "s-4vcpu-8gb"
    vpc_id    = "vpc"
    tags      = ["demo"]
    ssh_key   = "aa:bb"
    user_data = "#cloud-config\n"
  }

  assert {
    condition     = digitalocean_droplet.host["service1"].timeouts.delete == "15m"
    error_message = "A host that shuts down slowly is waited for."
  }
}
