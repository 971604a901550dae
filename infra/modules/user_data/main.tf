locals {
  hosts = "${path.module}/../../hosts"

  # `showdown prepare-hosts` reads the same list. The packages have the versions of Debian 13: set-up fails where there are
  # others, which would measure something else.
  roles = jsondecode(file("${local.hosts}/roles.json"))
  # With what every role has.
  parts = [local.roles.every, local.roles[var.role]]

  packages = merge(local.parts[*].packages...)

  # From the path on the host to the text.
  files = { for path, name in merge(local.parts[*].files...) : path => file("${local.hosts}/${name}") }

  config = {
    # The only way in is SSH as root, with the key that the provider gives the host. No user is made for logging in.
    disable_root = false
    ssh_pwauth   = false
    users        = []

    # Keep the end of the log for the messages of set-up.
    no_ssh_fingerprints = true
    ssh_quiet_keygen    = true
    ssh                 = { emit_keys_to_console = false }

    write_files = [for path, text in local.files : {
      path        = path
      content     = text
      permissions = endswith(path, ".sh") ? "0755" : "0644"
    }]
    runcmd = [concat(["/etc/showdown/bootstrap.sh", var.role], [for name, version in local.packages : "${name}=${version}"])]
  }

  text = "#cloud-config\n${yamlencode(local.config)}"
}
