"""Stacks of hosts that SSH reaches, Terraform's or an inventory's: how they are found, set up and measured."""
