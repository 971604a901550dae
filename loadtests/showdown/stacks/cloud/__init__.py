"""The stack that `terraform apply` makes: read, reached over SSH, measured."""
