config {
  # The modules are linted with the values that they are called with.
  call_module_type = "local"
}

# The ruleset that tflint brings with it.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
