config {
  # Lint the modules with the values that they are called with.
  call_module_type = "local"
}

# The ruleset that is part of tflint.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
