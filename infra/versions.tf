terraform {
  # Of Terraform and of OpenTofu: from these on a variable's validation may look at other values.
  required_version = ">= 1.9"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.17"
    }
  }
}

# The token comes from DIGITALOCEAN_TOKEN in the environment: it is in no file.
provider "digitalocean" {}
