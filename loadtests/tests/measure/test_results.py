"""results.json obeys its schema, and only such a file is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from made_up_runs import made_up_sampled
from showdown.measure.migrations import VERSION
from showdown.measure.results import FILE, SCHEMA, Fault, Run, json_schema, read_run, write_run
from showdown_contract.errors import ShowdownError


@pytest.fixture
def document(run: Run) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(run.model_dump_json())
    return written


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema(), "type: python -m showdown.measure.results"


def test_a_run_obeys_the_schema(document: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(json_schema())
    assert list(Draft202012Validator(json_schema()).iter_errors(document)) == []


@pytest.mark.parametrize("member", ["commit", "machine", "slices", "variants", "baseline"])
def test_the_schema_refuses_a_run_without_a_member(document: dict[str, Any], member: str) -> None:
    del document[member]
    (error,) = Draft202012Validator(json_schema()).iter_errors(document)
    assert f"'{member}' is a required property" in error.message


def test_the_schema_refuses_what_it_does_not_know(document: dict[str, Any]) -> None:
    document["slices"][0]["tiers"]["service"]["cpu_ms"] = 1
    (error,) = Draft202012Validator(json_schema()).iter_errors(document)
    assert "cpu_ms" in error.message


def test_units_are_part_of_the_names(document: dict[str, Any]) -> None:
    result = document["slices"][0]
    assert {"measured_seconds", "requests", "errors", "requests_per_second"} <= set(result)
    assert set(result["tiers"]["service"]) == {
        "cpu_us_per_request",
        "system_cpu_us_per_request",
        "peak_cpu_percent",
        "peak_host_cpu_percent",
        "peak_rss_mib",
        "peak_fds",
        "peak_connections",
    }


def test_what_is_written_is_read(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    assert read_run(tmp_path) == run
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_block_that_was_lost_on_several_hosts_is_read(run: Run, tmp_path: Path) -> None:
    run.service_hosts = [2]
    for slice_ in run.slices:
        slice_.service_hosts = 2
    run.faults.append(Fault(variant="fast", block=1, reason="Locust's worker 1 on generator2 ended in mid-run"))
    write_run(run, tmp_path)
    assert read_run(tmp_path) == run


@pytest.mark.parametrize("changes", [{"variant": "other"}, {"scenario": "other"}])
def test_what_was_profiled_is_of_the_run(run: Run, tmp_path: Path, changes: dict[str, str]) -> None:
    run.sampled = [made_up_sampled("slow", {"JSON": 100.0})]
    write_run(run, tmp_path)
    assert read_run(tmp_path) == run
    run.sampled[0] = run.sampled[0].model_copy(update=changes)
    write_run(run, tmp_path)
    with pytest.raises(ShowdownError, match=r"what was sampled is of .*other.*, which the run has not"):
        read_run(tmp_path)


def test_a_slice_on_other_hosts_than_the_runs_is_refused(run: Run, tmp_path: Path) -> None:
    run.slices[0].service_hosts = 3
    write_run(run, tmp_path)
    with pytest.raises(ShowdownError, match="a slice had 3 service hosts, which this run did not have"):
        read_run(tmp_path)


def test_writing_again_replaces(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    run.seed = 7
    write_run(run, tmp_path)
    assert read_run(tmp_path).seed == 7


def test_a_folder_of_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"results\.json: No such file or directory: name the folder of a run"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "Invalid JSON"),
        ("{}", "started_at: Field required"),
        ("", "Invalid JSON"),
        ("[]", "valid dictionary|object"),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, content: str, place: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ShowdownError, match=rf"results\.json is not a result of this version of showdown: .*({place})"):
        read_run(tmp_path)


def test_a_wrong_value_deep_inside_is_found(document: dict[str, Any], tmp_path: Path) -> None:
    document["slices"][3]["measured_seconds"] = "slow"
    (tmp_path / FILE).write_text(json.dumps(document))
    with pytest.raises(ShowdownError, match=r"slices\.3\.measured_seconds: Input should be a valid number"):
        read_run(tmp_path)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (2, r"results\.json: version 2 has rounds, without histograms .*\. Measure again with `showdown run`$"),
        (
            VERSION + 1,
            rf"results\.json: version {VERSION + 1} is newer than this showdown, which reads up to {VERSION}",
        ),
        (0, f"schema_version: Input should be {VERSION}"),
        ("3", f"schema_version: Input should be {VERSION}"),
        (True, f"schema_version: Input should be {VERSION}"),
    ],
)
def test_a_version_that_cannot_be_read_is_told(
    document: dict[str, Any], tmp_path: Path, version: object, message: str
) -> None:
    document["schema_version"] = version
    (tmp_path / FILE).write_text(json.dumps(document))
    with pytest.raises(ShowdownError, match=message):
        read_run(tmp_path)


def changed(document: dict[str, Any], place: str, value: object) -> str:
    """The document with one value replaced."""
    *path, last = place.split(".")
    target: Any = document
    for step in path:
        target = target[int(step) if isinstance(target, list) else step]
    target[int(last) if isinstance(target, list) else last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("profile.scenarios.0", "../../x"),
        ("profile.scenarios.0", "/etc/x"),
        ("profile.scenarios.0", "a\n# heading"),
        ("profile.scenarios.0", "\x1b[2J"),
        ("profile.scenarios.0", "x" * 300),
        ("profile_name", "../x"),
        ("slices.0.variant", "../../x"),
        ("slices.0.variant", "absent"),
        ("slices.0.scenario", "absent"),
        ("slices.0.block", 4),
        ("slices.0.block", 10**30),
        ("slices.0.lap", 2),
        ("slices.0.group", 0),
        ("slices.0.service_hosts", 2),
        ("slices.0.requests", -1),
        ("slices.0.requests", True),
        ("slices.0.requests_per_second", float("nan")),
        ("slices.0.requests_per_second", float("inf")),
        ("slices.0.histogram", "AAAA"),
        ("slices.0.started_at", float("nan")),
        ("slices.0.tiers.service.peak_rss_mib", -1.0),
        ("slices.0.tiers", {}),
        ("slices.0.failures", {"x": -1}),
        ("slices.0.failures", {str(number): 1 for number in range(1001)}),
        ("ceilings.0.scenario", "absent"),
        ("faults", [{"variant": "absent", "scenario": "recipe-detail", "block": 1, "reason": ""}]),
        ("twin", {"of": "slow", "name": "absent"}),
        ("baseline", "<script>"),
        ("variants", {}),
        ("variants.slow.workers", "5"),
        ("service_hosts", []),
        ("seed", 10**30),
        ("profile.blocks", 10**9),
    ],
)
def test_somebody_elses_file_is_refused_where_it_would_mislead(
    document: dict[str, Any], tmp_path: Path, place: str, value: object
) -> None:
    (tmp_path / FILE).write_text(changed(document, place, value))
    with pytest.raises(ShowdownError, match=r"results\.json is not a result of this version of showdown: ") as raised:
        read_run(tmp_path)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("place", ["commit", "command", "machine.cpu", "started_at"])
def test_what_a_terminal_would_obey_is_escaped(document: dict[str, Any], tmp_path: Path, place: str) -> None:
    (tmp_path / FILE).write_text(changed(document, place, "\x1b]0;x\x07\n\u202e"))
    assert "\\x1b]0;x\\x07\\n\\u202e" in read_run(tmp_path).model_dump().values() or place.startswith("machine")
    assert "\x1b" not in repr(read_run(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 100_000, "recursion limit exceeded|Invalid JSON"),
        (b'{"seed": ' + b"9" * 10_000 + b"}", "Invalid JSON|seed|Field required"),
        (b"\xff\xfe", "Invalid JSON"),
    ],
)
def test_what_would_take_stack_or_memory_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ShowdownError, match=message):
        read_run(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / FILE).open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ShowdownError, match=r"results\.json is larger than 64 MiB"):
        read_run(tmp_path)


def test_a_run_that_cannot_be_written_says_what_is_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ShowdownError, match=r"cannot write .*results\.json \(Is a directory\): it holds what was"):
        write_run(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
