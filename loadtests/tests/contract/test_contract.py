"""A folder with contract.toml says what is compared; a fault in it gives one line that names the place."""

import re
import shutil
from pathlib import Path

import pytest
from showdown.contract.contract import load_contract
from showdown_contract.data_set import DATA
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT, CONTRACT, golden_body
from showdown_contract.golden import load_cases

TODO = Path(__file__).parents[1] / "todo"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TODO, tmp_path / "todo"))


def test_the_recipes_are_the_contract_where_none_is_named() -> None:
    contract = load_contract()
    assert contract.name == "recipes"
    assert contract.root == CHECKOUT
    assert contract.data == DATA
    assert list(contract.kinds) == [
        "healthz", "recipe-detail",
        "recipe-list", "recipe-list-1", "recipe-list-10", "recipe-list-500", "note-create", "nutrition",
    ]  # fmt: skip
    assert contract.cases("by-id") == load_cases()
    assert contract.variants.baseline == "django-2022"
    assert contract.served == "starlette"
    assert contract.profile == "quick"
    assert contract.has_ceilings
    assert contract.raw is not None
    assert contract.words == []


def test_haproxys_own_answers_are_golden_bodies() -> None:
    contract = load_contract()
    assert contract.error_body(404) == golden_body("not_found")
    assert contract.error_body(503) == golden_body("unavailable.busy")


def test_another_contract_needs_no_python() -> None:
    contract = load_contract(TODO)
    assert contract.name == "todo"
    assert contract.root == TODO
    assert contract.words == ["--contract", str(TODO)]
    assert [case.name for case in contract.cases("by-id")] == ["all", "one", "none", "added"]
    assert list(contract.kinds) == ["list", "read", "add"]
    assert (contract.served, contract.raw, contract.has_ceilings) == ("threads", None, False)
    assert contract.profile == "smoke"
    assert contract.error_body(502) == b'{"error": "Bad Gateway"}'


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('name = "todo"', 'nam = "todo"', r"name: Field required nam: Extra inputs"),
        ('health = "/health"', 'health = "health } or {"', "health: String should match"),
        ('routes = ["/todos"]', "routes = []", "routes: List should have at least 1 item"),
        ('golden = "cases.toml"', 'golden = "case.toml"', r"golden: Value error, .*/case.toml is not there"),
        ('golden = "cases.toml"', "", "say golden either as data or as python.golden"),
        ('seed = "seed.sql"', 'seeds = "seed.sql"', "data.seed: Field required"),
        ('todos = ["INSERT"]', 'todos = ["DROP"]', "data.grants.todos.0: Input should be"),
        ('path = "/todos"', 'path = "todos"', "requests.list.path: String should match"),
        ("numbers = [1, 3]", "", r"requests.read: Value error, <n> in path goes with numbers"),
        ("numbers = [1, 3]", "numbers = [3, 1]", "requests.read: Value error, numbers are the first and the last"),
        ('expect_json = { id = "<n>" }', "", "requests.read: Value error, say either expect, a file, or expect_json"),
        ("golden/list.json", "golden/lists.json", r"list: .*golden/lists.json: No such file"),
        ('name = "todo"', "name = ", "contract.toml is not valid TOML"),
        ("[data]", '[python]\ndata = "nowhere:DATA"\n[data]', "python.data: Invalid python path"),
    ],
)
def test_what_is_wrong_is_told_in_a_line_that_names_the_place(copy: Path, right: str, wrong: str, place: str) -> None:
    file = copy / "contract.toml"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong, 1))
    with pytest.raises(ShowdownError, match=place) as refused:
        load_contract(copy)
    assert "\n" not in str(refused.value)


def test_a_folder_without_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=re.escape(f"{tmp_path}/contract.toml: No such file or directory")):
        load_contract(tmp_path)


def test_a_scenario_of_unknown_requests_is_refused(copy: Path) -> None:
    file = copy / "scenarios.toml"
    file.write_text(file.read_text().replace("add = 1", "adds = 1"))
    with pytest.raises(ShowdownError, match=r"there is no kind of request 'adds': did you mean add\?"):
        load_contract(copy).scenarios  # noqa: B018 - it is read now


def test_a_random_look_up_is_the_recipes_alone(copy: Path) -> None:
    file = copy / "variants.toml"
    file.write_text(file.read_text().replace("pool = 4", 'pool = 4\nlookup = "random"', 1))
    with pytest.raises(ShowdownError, match=r"variants\.threads\.lookup: only the recipes"):
        load_contract(copy).variants  # noqa: B018 - likewise


MINE = """
baseline = "starlette"

[variants.mine]
description = "one of somebody's own"
command = ["./run"]
workers = 1
pool = 4
"""


def test_a_file_of_ones_own_stands_beside_the_contracts_variants(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(MINE)
    contenders = load_contract(TODO).contenders(mine)
    assert list(contenders.all) == ["mine", "threads", "starlette"]
    assert list(contenders.named(None)) == ["mine"]
    # Each in the folder that its file says: the contract's in the contract's root.
    assert {name: variant.folder for name, variant in contenders.all.items()} == {
        "mine": tmp_path, "threads": TODO, "starlette": TODO,
    }  # fmt: skip


def test_neither_does_a_file_of_ones_own_look_up_at_random(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(MINE + 'lookup = "random"\n')
    assert load_contract().contenders(mine).named(None)["mine"].lookup == "random"
    with pytest.raises(ShowdownError, match=r"mine\.toml: variants\.mine\.lookup: only the recipes"):
        load_contract(TODO).contenders(mine)


def test_a_data_set_of_one_size_is_not_asked_for_another() -> None:
    todo = load_contract(TODO)
    assert todo.size(None) == 0
    with pytest.raises(ShowdownError, match="--size does not go with todo, whose data set has one size"):
        todo.size(5)
    recipes = load_contract()
    assert (recipes.size(None), recipes.size(7)) == (2_000, 7)
    with pytest.raises(ShowdownError, match="--size 1000001 is more than 1000000"):
        recipes.size(1_000_001)


def test_the_folder_of_the_recipes_can_be_named_too() -> None:
    assert load_contract(CONTRACT).words == []
