"""`showdown cloud-run` with the real Terraform and provider, in the fake's account; what measures is a stand-in."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.fake_api import FakeApi
from lab.fake_api_account import Settings
from lab.stories import VARIABLES
from lab.tools import Terraform, missing, terraforms
from showdown import cloud_session
from showdown.cloud_session import cloud_run
from showdown.stacks.cloud import terraform
from showdown_contract.errors import ShowdownError

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"missing here: {', '.join(missing())}"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """An account without any VPC, in which a copy of infra/ is applied. `showdown run` notes what it finds there."""
    with FakeApi(Settings(first_vpcs=False)) as running:
        program = terraforms()[0]
        copy = Terraform(program, tmp_path / "copy", running.environment())
        (copy.folder / "terraform.tfvars.json").write_text(json.dumps(VARIABLES))
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / program.name).symlink_to(program)
        # Test hosts boot meanwhile in this process, and need what is in /usr/sbin.
        monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.defpath, "/usr/sbin"]))
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "copy" / "settings.tfrc"))
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(terraform, "INFRA", copy.folder)
        monkeypatch.setattr(
            cloud_session, "RUN", ("sh", "-c", f'{program} -chdir={copy.folder} output -json > "$1"; exit 3', "sh")
        )
        yield running


def test_all_that_costs_money_is_gone_afterwards(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match="the hosts could not be made"):
        cloud_run([], [str(tmp_path / "seen")], agreed=True)
    # The account's first VPC cannot be deleted, and costs nothing.
    assert api.account.holdings() == {"vpcs": ["showdown"]}

    (vpc,) = api.account.vpcs
    assert cloud_run([f"vpc_id={vpc}"], [str(tmp_path / "seen")], agreed=True) == 3

    seen = json.loads((tmp_path / "seen").read_text())
    assert len(seen["stack"]["value"]["hosts"]) == 3
    assert api.account.holdings() == {"vpcs": ["showdown"]}
    assert api.requests["DELETE /v2/vpcs/{id}"] == 0
    assert api.problems == []
    state = terraform.INFRA / terraform.STATE
    assert state.stat().st_mode & terraform.UMASK == 0
