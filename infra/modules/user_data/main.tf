locals {
  hosts    = "${path.module}/../../hosts"
  contract = "${path.module}/../../../contract"

  # The versions of Debian 13. Set-up fails on an image with others, which would measure something else.
  # The packages that variants need are in variants.toml: bootstrap.sh asks the checkout for them.
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
      # For pgbench: the wheel's has no TLS.
      postgresql-17 = "17.*"
    },
  )

  # From the path on the host to the text.
  files = merge(
    {
      "/etc/showdown/bootstrap.sh"     = file("${local.hosts}/bootstrap.sh")
      "/etc/sysctl.d/60-showdown.conf" = file("${local.hosts}/sysctl.conf")
      "/etc/tmpfiles.d/showdown.conf"  = file("${local.hosts}/tmpfiles.conf")
      # If the runner's connection is cut, its work on the host ends after 15 s of silence. All that a run asks of a host goes
      # over one connection: a session for each service that is up, and some more.
      "/etc/ssh/sshd_config.d/60-showdown.conf" = "ClientAliveInterval 5\nClientAliveCountMax 3\nMaxSessions 200\n"
    },
    var.role != "haproxy" ? {} : {
      "/etc/showdown/haproxy.cfg"                    = var.haproxy_config
      "/etc/systemd/system/showdown-haproxy.service" = file("${local.hosts}/showdown-haproxy.service")
    },
    # The bodies of haproxy's own answers, which its configuration names.
    {
      for name in distinct(flatten(regexall("/etc/showdown/(\\S+\\.body)", var.haproxy_config == null ? "" : var.haproxy_config))) :
      "/etc/showdown/${name}" => file("${local.contract}/golden/bodies/${name}")
    },
    var.role != "generator" ? {} : {
      # Written before the package is installed, which would otherwise start a server.
      "/etc/postgresql-common/createcluster.conf" = "create_main_cluster = false\n"
    },
    var.role != "service" ? {} : {
      "/etc/apt/preferences.d/showdown.pref"          = file("${local.hosts}/backports.pref")
      "/etc/systemd/system/showdown-service@.service" = file("${local.hosts}/showdown-service@.service")
      "/etc/systemd/system/showdown-services.slice"   = file("${local.hosts}/showdown-services.slice")
    },
  )

  config = {
    # The only way in is SSH as root, with the key that the provider gives the host.
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

    # Keep the end of the log for the messages of set-up.
    no_ssh_fingerprints = true
    ssh_quiet_keygen    = true
    ssh                 = { emit_keys_to_console = false }

    apt = merge(
      # Without recommended packages, which may change from day to day.
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
