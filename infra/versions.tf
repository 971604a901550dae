terraform {
  # Holds for Terraform and OpenTofu. Tested with Terraform 1.11.4 and OpenTofu 1.12.6.
  required_version = ">= 1.11"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.17"
    }
  }
}

# The token comes from the variable DIGITALOCEAN_TOKEN of the environment, and from no file.
provider "digitalocean" {}
