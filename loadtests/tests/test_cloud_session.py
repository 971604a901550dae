"""Hosts are made, measured on, and destroyed, however that ends."""

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from showdown import cloud_session
from showdown.cli import app
from showdown.cloud_session import cloud_run
from showdown.stacks.cloud.cost import Cost, Item
from showdown_contract.errors import ShowdownError
from typer.testing import CliRunner

COST = Cost(
    items=[Item(name="service", count=1, size="s-2vcpu-4gb", usd_per_month=144.9)],
    usd_per_month=144.9,
    usd_per_hour=0.2156,
)
APPLY, DESTROY = "apply -auto-approve -input=false", "destroy -auto-approve -input=false"
# `show` and `console` answer a question each.
TERRAFORM = """
shift
case "$1" in
    show) cat "{folder}/shown" ;;
    console) read -r asked; [ "$asked" = var.name ] && echo '"mine"' || cat "{folder}/cost" ;;
    *)
        echo "$*" >> "{folder}/done"
        [ ! -e "{folder}/then" ] || mv "{folder}/then" "{folder}/shown"
        exit "$(cat "{folder}/$1" 2>/dev/null || echo 0)"
        ;;
esac
"""


@dataclass(frozen=True)
class Cloud:
    """A stand-in for Terraform, and one for `showdown run`."""

    folder: Path

    @property
    def done(self) -> list[str]:
        """What they were asked to do, in order."""
        file = self.folder / "done"
        return file.read_text().splitlines() if file.exists() else []

    def leave(self, *commands: str) -> None:
        """Have the account hold something at the end that these commands delete."""
        (self.folder / "left").write_text("\n".join(commands))

    def fail(self, command: str, code: int) -> None:
        (self.folder / command).write_text(str(code))


@pytest.fixture
def cloud(tmp_path: Path, stand_in: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> Cloud:
    folder = tmp_path / "cloud"
    folder.mkdir()
    (folder / "shown").write_text('{"format_version": "1.0"}')
    (folder / "cost").write_text(json.dumps(COST.model_dump_json()))
    stand_in("terraform", TERRAFORM.format(folder=folder))
    script = f'echo "run $*" >> "{folder}/done"; touch "{folder}/running"; exec sleep "$(cat "{folder}/sleep")"'
    (folder / "sleep").write_text("0")
    (folder / "left").touch()
    monkeypatch.setattr(
        cloud_session, "leftovers", lambda stack: (folder / "left").read_text().replace("STACK", stack).splitlines()
    )
    monkeypatch.setattr(cloud_session, "RUN", ("sh", "-c", script, "sh"))
    return Cloud(folder)


def test_hosts_are_made_measured_on_and_destroyed(cloud: Cloud) -> None:
    assert cloud_run(["service_count=3"], ["--profile", "quick"], agreed=True) == 0
    assert cloud.done == [f"{APPLY} -var=service_count=3", "run --profile quick", f"{DESTROY} -var=service_count=3"]


def test_the_runs_exit_code_is_the_commands(cloud: Cloud) -> None:
    (cloud.folder / "sleep").write_text("nonsense")
    assert cloud_run([], [], agreed=True) == 1
    assert cloud.done == [APPLY, "run ", DESTROY]


def test_what_could_be_made_is_destroyed_where_not_all_could(cloud: Cloud) -> None:
    cloud.fail("apply", 1)
    with pytest.raises(ShowdownError, match=r"the hosts could not be made \(exit code 1\)"):
        cloud_run([], [], agreed=True)
    assert cloud.done == [APPLY, DESTROY]


def test_ctrl_c_ends_the_run_and_not_the_destruction(cloud: Cloud, eventually: Callable[..., None]) -> None:
    (cloud.folder / "sleep").write_text("600")

    def press() -> None:
        eventually((cloud.folder / "running").exists)
        os.kill(os.getpid(), signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        cloud_run([], [], agreed=True)
    presser.join()
    assert cloud.done == [APPLY, "run ", DESTROY]


def test_what_may_be_left_is_told_with_its_price(cloud: Cloud) -> None:
    cloud.fail("destroy", 1)
    with pytest.raises(ShowdownError, match=r"costs up to 0\.22 USD an hour: type `terraform .* destroy` until"):
        cloud_run([], [], agreed=True)
    assert cloud.done == [APPLY, "run ", DESTROY, DESTROY]


def test_what_terraform_has_forgotten_is_told_with_how_to_delete_it(cloud: Cloud) -> None:
    cloud.leave("doctl databases delete 5a4981aa  # STACK")
    with pytest.raises(ShowdownError, match=r"does not know of\. .*:\n  doctl databases delete 5a4981aa  # mine$"):
        cloud_run([], [], agreed=True)
    assert cloud.done == [APPLY, "run ", DESTROY]


def state(*resources: tuple[str, dict[str, object]]) -> str:
    """As Terraform shows it, with these resources in a module."""
    held = [{"address": address, "mode": "managed", "type": address.split(".")[-2], "values": values}
            for address, values in resources]  # fmt: skip
    return json.dumps({"format_version": "1.0", "values": {"root_module": {"child_modules": [{"resources": held}]}}})


def test_a_vpc_that_has_become_its_regions_default_is_left(cloud: Cloud) -> None:
    ours, theirs = "module.network.digitalocean_vpc.main[0]", "module.network.digitalocean_vpc.other"
    made = state((ours, {"name": "showdown", "default": True}), (theirs, {"name": "other", "default": False}))
    # As if `apply` had made them, and then ended.
    (cloud.folder / "then").write_text(made)
    cloud.fail("apply", 1)
    with pytest.raises(ShowdownError, match="the hosts could not be made"):
        cloud_run([], [], agreed=True)
    assert cloud.done == [APPLY, f"state rm {ours} -no-color", DESTROY]


def test_hosts_that_somebody_has_made_are_not_destroyed(cloud: Cloud) -> None:
    (cloud.folder / "shown").write_text(state(("digitalocean_ssh_key.main", {"name": "showdown"})))
    with pytest.raises(ShowdownError, match="hosts have been made already, which this would destroy"):
        cloud_run([], [], agreed=True)
    assert cloud.done == []


def test_it_asks_before_it_makes_anything(cloud: Cloud) -> None:
    result = CliRunner().invoke(app, ["cloud-run"], input="n\n")
    assert result.exit_code == 1
    assert result.output.index("0.22 USD for each hour") < result.output.index("Make these hosts, measure on them")
    assert cloud.done == []


def test_a_mistyped_option_of_the_run_makes_nothing(cloud: Cloud) -> None:
    result = CliRunner().invoke(app, ["cloud-run", "--yes", "--", "--profil", "quick"])
    assert result.exit_code == 2
    assert "--profil" in result.output
    assert cloud.done == []


def test_the_command_passes_on_what_stands_behind_the_dashes(cloud: Cloud) -> None:
    result = CliRunner().invoke(app, ["cloud-run", "--yes", "--var", "pool_size=40", "--", "--variants", "axum"])
    assert (result.exit_code, cloud.done[1]) == (0, "run --variants axum")
    assert "0.22 USD for each hour" in result.output
