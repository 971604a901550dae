"""variants.toml holds the contenders, as data."""

import re
from pathlib import Path

import pytest
from showdown.contenders.variants import SET_BY_SHOWDOWN, load_variant_file
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT
from showdown_contract.raw import load_raw_cases

# The knobs of the variants that compare HTTP clients.
OUTBOUND = {"CLIENT", "HTTP_CLIENT", "HTTP2"}
FILE = """
baseline = "mine"

[variants.mine]
description = "a contender"
command = ["serve", "--fast"]
workers = 2
pool = 20
environment = { PLAN = "single" }
"""


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "variants.toml"
    path.write_text(content)
    return path


def test_our_own_contenders_in_the_order_of_the_tables() -> None:
    file = load_contract().variants
    assert [name for name, variant in file.variants.items() if variant.environment.keys().isdisjoint(OUTBOUND)] == [
        "django-2022",
        "starlette-2022",
        "axum-2022",
        "django",
        "starlette",
        "starlette-rowjson",
        "axum",
        "axum-rowjson",
        "django-2022-random",
        "starlette-2022-random",
        "axum-2022-random",
        "starlette-psycopg",
        "fastapi",
        "django-orm",
        "axum-sqlx",
        "django-metrics",
        "django-metrics-otlp",
        "django-traces",
        "starlette-metrics",
        "starlette-metrics-otlp",
        "starlette-traces",
        "axum-metrics",
        "axum-metrics-otlp",
        "axum-traces",
    ]
    assert file.baseline in file.variants


def test_no_run_measures_http_clients_unless_it_is_told_to() -> None:
    compared = {
        name: variant
        for name, variant in load_contract().variants.variants.items()
        if variant.environment.keys() & OUTBOUND
    }
    assert not any(variant.default for variant in compared.values())
    assert all(name.split("-")[0] in {"starlette", "django", "axum"} for name in compared)
    knobs = [tuple(sorted(variant.environment.items())) for variant in compared.values()]
    commands = [tuple(variant.command) for variant in compared.values()]
    assert len(set(zip(knobs, commands, strict=True))) == len(compared)


LIKE = (
    FILE
    + """
[variants.yours]
like = "mine"
description = "another contender"
pool = 5
environment = { CLIENT = "leaky" }
"""
)


def test_an_entry_that_is_like_another_has_its_fields(tmp_path: Path) -> None:
    mine, yours = load_variant_file(written(tmp_path, LIKE), CHECKOUT).variants.values()
    assert (yours.command, yours.workers, yours.pool) == (mine.command, mine.workers, 5)
    assert yours.description == "another contender"
    assert yours.environment == {"PLAN": "single", "CLIENT": "leaky"}
    assert mine.environment == {"PLAN": "single"}


@pytest.mark.parametrize("model", ["nobody", "yours"])
def test_an_entry_is_like_one_that_is_whole(tmp_path: Path, model: str) -> None:
    content = LIKE.replace('like = "mine"', f'like = "{model}"')
    with pytest.raises(ShowdownError, match=f"variants.yours.like: '{model}' is no variant of this file that is whole"):
        load_variant_file(written(tmp_path, content), CHECKOUT)


@pytest.mark.parametrize(("old", "new"), [("starlette-pyext", "starlette-rowjson"), ("axum-wire", "axum-rowjson")])
def test_an_old_name_is_answered_with_the_new_one(old: str, new: str) -> None:
    with pytest.raises(ShowdownError, match=f"^there is no variant '{old}': it is called {new} now$"):
        load_contract().contenders().named(old)


def test_who_has_fewer_connections_than_the_others_says_so() -> None:
    variants = load_contract().variants.variants
    most = max(variant.pool for variant in variants.values())
    for variant in variants.values():
        assert variant.pool == most or (variant.note is not None and "connections" in variant.note)


def test_the_knobs_are_environment_variables(tmp_path: Path) -> None:
    mine = load_variant_file(written(tmp_path, FILE), CHECKOUT).variants["mine"]
    assert mine.settings() == {"PLAN": "single", "WORKERS": "2", "POOL_SIZE": "20"}
    assert mine.build is None


def test_who_answers_any_recipe_is_told_so_and_measured_only_when_named() -> None:
    file = load_contract().variants
    random = {name: variant for name, variant in file.variants.items() if variant.lookup == "random"}
    assert {variant.settings()["LOOKUP"] for variant in random.values()} == {"random"}
    assert not random.keys() & file.by_default().keys()
    assert not random.keys() & load_contract().contenders().to_measure(None).keys()


def test_the_articles_services_differ_from_those_compared_with_the_experts_ones_in_the_lookup_alone() -> None:
    variants = load_contract().variants.variants
    own = {"description", "lookup", "default"}
    for name in ("django-2022", "starlette-2022", "axum-2022"):
        assert variants[name].model_dump(exclude=own) == variants[f"{name}-random"].model_dump(exclude=own)


def test_what_is_unbounded_is_a_raw_request() -> None:
    names = {case.name for case in load_raw_cases()}
    assert all(variant.unbounded <= names for variant in load_contract().variants.variants.values())


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("pool = 20", "pools = 20", "variants.mine.pools"),
        ("pool = 20", "", "variants.mine.pool"),
        ("pool = 20", "pool = 0", "variants.mine.pool"),
        ("workers = 2", 'workers = "two"', "variants.mine.workers"),
        ('["serve", "--fast"]', "[]", "variants.mine.command"),
        ('["serve", "--fast"]', '"serve --fast"', "variants.mine.command"),
        ('"single"', "1", "variants.mine.environment.PLAN"),
        ("pool = 20", 'pool = 20\nlookup = "first"', "variants.mine.lookup"),
        ('baseline = "mine"', "", "baseline"),
        ("workers = 2", 'workers = "2"', "variants.mine.workers"),
        ("workers = 2", "workers = true", "variants.mine.workers"),
        ("workers = 2", "workers = 2.0", "variants.mine.workers"),
        ("workers = 2", "workers = 257", "variants.mine.workers"),
        ("pool = 20", "pool = 10001", "variants.mine.pool"),
        ("pool = 20", f"pool = {10**20}", "variants.mine.pool"),
        ("--fast", r"--\u0000", "variants.mine.command.1"),
        ('"single"', r'"\u0000"', "variants.mine.environment.PLAN"),
        ("{ PLAN", '{ "A=B"', "variants.mine.environment.A=B"),
        ("{ PLAN", '{ ""', "variants.mine.environment."),
        ("PLAN", "PORT", "variants.mine.environment.PORT.[key]: Value error, PORT is set by the stack: leave it out"),
        ("PLAN", "WORKERS", "variants.mine.environment.WORKERS.[key]: Value error, WORKERS is set by workers"),
        ("pool = 20", "pools = 20", "variants.mine.pools: Extra inputs are not permitted: did you mean pool?"),
        ("baseline =", "base_line =", "base_line: Extra inputs are not permitted: did you mean baseline?"),
        ("[variants.mine]", "[variants.mine]\n[variants.haproxy]", "variants.haproxy"),
        ('"mine"', '"mime"', ": Value error, baseline: there is no variant 'mime': did you mean mine?"),
        (
            "[variants.mine]",
            '[renamed]\nold = "mime"\n[variants.mine]',
            ": Value error, renamed.old: there is no variant",
        ),
        ("[variants.mine]", '[renamed]\nmine = "mine"\n[variants.mine]', ": Value error, renamed: mine is a variant"),
        ("[variants.mine]", '[variants.mine]\n[variants."../x"]', "variants.../x"),
        ("[variants.mine]", f"[variants.mine]\n[variants.{'x' * 300}]", f"variants.{'x' * 300}"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_place(tmp_path: Path, right: str, wrong: str, place: str) -> None:
    assert right in FILE
    with pytest.raises(ShowdownError, match=rf"variants\.toml is not as it should be:(.|\n)*  {re.escape(place)}"):
        load_variant_file(written(tmp_path, FILE.replace(right, wrong)), CHECKOUT)


def test_a_file_whose_variants_must_all_be_named_is_refused(tmp_path: Path) -> None:
    unnamed = FILE.replace("pool = 20", "pool = 20\ndefault = false")
    with pytest.raises(ShowdownError, match="there is no variant whose default is true"):
        load_variant_file(written(tmp_path, unnamed), CHECKOUT)


@pytest.mark.parametrize("name", sorted(SET_BY_SHOWDOWN))
def test_what_showdown_sets_cannot_be_a_knob(tmp_path: Path, name: str) -> None:
    with pytest.raises(ShowdownError, match=f"{name} is set by "):
        load_variant_file(written(tmp_path, FILE.replace("PLAN", name)), CHECKOUT)


def test_a_file_of_ones_own_stands_beside_the_checkouts(tmp_path: Path) -> None:
    contenders = load_contract().contenders(written(tmp_path, FILE))
    assert list(contenders.named(None)) == list(contenders.file.by_default()) == ["mine"]
    assert list(contenders.named("axum,mine")) == list(contenders.to_measure("axum,mine")) == ["axum", "mine"]
    assert contenders.one(None)[0] == "mine"
    # Its commands are run beside it, and the checkout's in the checkout.
    assert contenders.all["mine"].folder == tmp_path
    assert contenders.all["axum"].folder == CHECKOUT
    assert "folder" not in contenders.all["mine"].model_dump()


def test_a_file_of_ones_own_may_be_compared_with_one_of_the_checkouts(tmp_path: Path) -> None:
    path = written(tmp_path, FILE.replace('baseline = "mine"', 'baseline = "axum"'))
    assert load_contract().contenders(path).baseline == "axum"


def test_two_variants_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, FILE.replace("mine", "axum"))
    with pytest.raises(ShowdownError, match="axum is one of the contract's own variants: give yours another name"):
        load_contract().contenders(path)


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"variants\.toml is not valid TOML: .*line 2"):
        load_variant_file(written(tmp_path, "\nbaseline = \n"), CHECKOUT)


def test_what_a_terminal_would_obey_is_escaped_in_a_description(tmp_path: Path) -> None:
    file = load_variant_file(written(tmp_path, FILE.replace("a contender", r"\u001b[2Jblank")), CHECKOUT)
    assert file.variants["mine"].description == "\\x1b[2Jblank"
