output "text" {
  description = "User data for cloud-init: the same text for every host of a role, without a secret."
  value       = local.text

  precondition {
    condition     = length(local.text) <= 65536
    error_message = "The user data has ${length(local.text)} bytes; DigitalOcean takes 65,536."
  }
}
