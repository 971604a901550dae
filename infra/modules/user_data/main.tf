locals {
  hosts    = "${path.module}/../../hosts"
  contract = "${path.module}/../../../contract"

  # Debian 13's. An image with another version fails aloud, for it would measure something else.
  # What the variants need besides is in their entries of variants.toml: bootstrap.sh asks the checkout.
  packages = merge(
    {
      git          = "1:2.47.*"
      procps       = "2:4.0.*"
      python3      = "3.13.*"
      python3-venv = "3.13.*"
    },
    var.role != "haproxy" ? {} : {
      haproxy = "3.0.*"
    },
    var.role != "generator" ? {} : {
      # For pgbench: the one that comes as a wheel knows no TLS.
      postgresql-17 = "17.*"
    },
  )

  # Path on the host → text.
  files = merge(
    {
      "/etc/showdown/bootstrap.sh"     = file("${local.hosts}/bootstrap.sh")
      "/etc/sysctl.d/60-showdown.conf" = file("${local.hosts}/sysctl.conf")
      "/etc/tmpfiles.d/showdown.conf"  = file("${local.hosts}/tmpfiles.conf")
      # A run whose connection is cut ends here too: whoever falls silent for 15 s has left. Over one connection go all that
      # a run asks of a host: a session for each service that is up, and some more.
      "/etc/ssh/sshd_config.d/60-showdown.conf" = "ClientAliveInterval 5\nClientAliveCountMax 3\nMaxSessions 200\n"
    },
    var.role != "haproxy" ? {} : {
      "/etc/showdown/haproxy.cfg"                    = var.haproxy_config
      "/etc/systemd/system/showdown-haproxy.service" = file("${local.hosts}/showdown-haproxy.service")
    },
    # The bodies of its own answers, which its configuration names.
    {
      for name in distinct(flatten(regexall("/etc/showdown/(\\S+\\.body)", var.haproxy_config == null ? "" : var.haproxy_config))) :
      "/etc/showdown/${name}" => file("${local.contract}/golden/bodies/${name}")
    },
    var.role != "generator" ? {} : {
      # There before the package, which would otherwise start a server of its own.
      "/etc/postgresql-common/createcluster.conf" = "create_main_cluster = false\n"
    },
    var.role != "service" ? {} : {
      "/etc/apt/preferences.d/showdown.pref"          = file("${local.hosts}/backports.pref")
      "/etc/systemd/system/showdown-service@.service" = file("${local.hosts}/showdown-service@.service")
      "/etc/systemd/system/showdown-services.slice"   = file("${local.hosts}/showdown-services.slice")
    },
  )

  config = {
    # SSH as root, by the key that the provider gives the host, is the only way in.
    disable_root = false
    ssh_pwauth   = false
    users = [{
      name           = "showdown"
      gecos          = "showdown services and generators"
      system         = true
      homedir        = "/nonexistent"
      no_create_home = true
      shell          = "/usr/sbin/nologin"
    }]

    # The end of the log is for what set-up says.
    no_ssh_fingerprints = true
    ssh_quiet_keygen    = true
    ssh                 = { emit_keys_to_console = false }

    apt = merge(
      # What a package merely recommends may be another thing on another day.
      { conf = "APT::Install-Recommends \"false\";\n" },
      var.role != "service" ? {} : {
        sources = { backports = { source = "deb $MIRROR $RELEASE-backports main" } }
      },
    )
    package_update = true
    packages       = [for name, version in local.packages : [name, version]]

    write_files = [for path, text in local.files : {
      path        = path
      content     = text
      permissions = endswith(path, ".sh") ? "0755" : "0644"
    }]
    runcmd = [concat(["/etc/showdown/bootstrap.sh", var.role, var.repository, var.revision], keys(local.packages))]
  }

  text = "#cloud-config\n${yamlencode(local.config)}"
}
