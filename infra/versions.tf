terraform {
  # Holds for Terraform and OpenTofu. Tested with Terraform 1.11.4 and OpenTofu 1.12.6.
  required_version = ">= 1.11"

  required_providers {
    digitalocean = {
      source = "digitalocean/digitalocean"
      # From 2.65.0 on, a VPC whose members are still leaving is deleted a moment later, and not never.
      version = ">= 2.65, < 3"
    }
  }
}

# The token comes from the variable DIGITALOCEAN_TOKEN of the environment, and from no file.
provider "digitalocean" {}
