"""The stack that `terraform apply` makes: its outputs, its hosts over SSH, and how they are measured."""
