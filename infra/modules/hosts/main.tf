# The hosts of one tier.

resource "digitalocean_droplet" "host" {
  for_each = toset(var.names)

  name     = "${var.stack}-${each.key}"
  region   = var.region
  image    = var.image
  size     = var.size
  vpc_uuid = var.vpc_id
  tags     = var.tags
  ssh_keys = [var.ssh_key]
  # cloud-init reads it only at the first boot, so a change replaces the host.
  user_data = var.user_data

  # A host that vanishes leaves its sessions open in pgbouncer, and its successor finds the pool full.
  graceful_shutdown = true

  # As little as possible shares the CPU with what is measured: no agents for monitoring or the web console.
  monitoring    = false
  droplet_agent = false
  ipv6          = false
  backups       = false

  # Within each of these: the host is unlocked, it has shut down. By default 60 s, after which `destroy` would give up.
  timeouts {
    delete = "15m"
  }

  # A disk that has grown cannot shrink, so the host could not go back to a smaller size.
  resize_disk = false
}
