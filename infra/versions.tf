terraform {
  # Of Terraform and of OpenTofu. Tested are Terraform 1.11.4 and OpenTofu 1.12.6.
  required_version = ">= 1.11"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.17"
    }
  }
}

# The token comes from DIGITALOCEAN_TOKEN in the environment: it is in no file.
provider "digitalocean" {}
