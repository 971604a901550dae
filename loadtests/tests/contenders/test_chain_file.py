"""chains.toml holds chains of variants, and a step that changes not exactly one knob is refused."""

from pathlib import Path

import pytest
from showdown.contenders.chain_file import load_chains
from showdown.contenders.chains import KnownChain, knobs
from showdown.contenders.variants import VariantFile, load_variant_file
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

VARIANTS = """
baseline = "slow"

[variants.slow]
description = "all knobs turned the wrong way"
command = ["serve", "--slow"]
workers = 5
pool = 5
environment = { PLAN = "sequential", LOG = "true" }

[variants.fast]
description = "all knobs turned the right way"
command = ["serve", "--fast"]
workers = 2
pool = 20

[variants.rust]
description = "another program, without a PLAN"
command = ["rust"]
workers = 2
pool = 20
"""
CHAIN = """
[chains.why]
description = "why is it fast?"
start = "slow"
steps = [
    { name = "one statement", unset = ["PLAN"] },
    { name = "no log", unset = ["LOG"] },
    { name = "another program", program = "fast" },
    { name = "more connections", pool = 20 },
    { name = "fewer workers", variant = "fast", needs = ["more connections"] },
]
"""


@pytest.fixture
def variants(tmp_path: Path) -> VariantFile:
    path = tmp_path / "variants.toml"
    path.write_text(VARIANTS)
    return load_variant_file(path, CHECKOUT)


def read(tmp_path: Path, variants: VariantFile, content: str) -> KnownChain:
    path = tmp_path / "chains.toml"
    path.write_text(content)
    return load_chains(path, variants)["why"]


def test_each_step_leads_from_one_variant_to_the_next(tmp_path: Path, variants: VariantFile) -> None:
    known = read(tmp_path, variants, CHAIN)
    assert [(step.before, step.after) for step in known.chain.steps] == [
        ("slow", "why.one-statement"),
        ("why.one-statement", "why.no-log"),
        ("why.no-log", "why.another-program"),
        ("why.another-program", "why.more-connections"),
        ("why.more-connections", "fast"),
    ]
    assert [step.knob for step in known.chain.steps] == ["PLAN", "LOG", "program", "pool", "workers"]
    assert known.chain.steps[0].change == "sequential → not set"
    assert (known.chain.first, known.chain.last) == ("slow", "fast")
    assert known.own["why.one-statement"].environment == {"LOG": "true"}
    assert known.own["why.another-program"].command == ["serve", "--fast"]
    assert known.own["why.more-connections"].pool == 20
    # Their commands are run where those of variants.toml are.
    assert {variant.folder for variant in known.own.values()} == {CHECKOUT}


def test_from_the_other_end_a_step_to_another_program_stays_where_it_is(tmp_path: Path, variants: VariantFile) -> None:
    known = read(tmp_path, variants, CHAIN)
    assert [step.name for step in known.chain.other_way] == [
        "no log",
        "one statement",
        "another program",
        # Needed by what would come before it.
        "more connections",
        "fewer workers",
    ]
    assert known.own["why.no-log-other-way"].environment == {"PLAN": "sequential"}
    # Both ways lead to the same variant, which is not measured twice.
    assert known.chain.other_way[1].after == "why.no-log"
    assert known.measured(both_ways=False).other_way == []
    assert "why.no-log-other-way" not in known.measured(both_ways=False).variants()
    assert "why.no-log-other-way" in known.measured(both_ways=True).variants()


def test_steps_of_one_knob_keep_their_order(tmp_path: Path, variants: VariantFile) -> None:
    steps = '[{ name = "4", pool = 4 }, { name = "no log", unset = ["LOG"] }, { name = "6", pool = 6 }]'
    known = read(tmp_path, variants, f'[chains.why]\ndescription = "?"\nstart = "slow"\nsteps = {steps}\n')
    assert [step.name for step in known.chain.other_way] == ["no log", "4", "6"]


def test_a_step_to_another_program_may_leave_what_only_one_of_them_has(tmp_path: Path, variants: VariantFile) -> None:
    steps = """[
        { name = "packed", set = { PLAN = "packed" } },
        { name = "Rust", variant = "rust", own = ["PLAN"] },
    ]"""
    known = read(tmp_path, variants, f'[chains.why]\ndescription = "?"\nstart = "fast"\nsteps = {steps}\n')
    assert (known.chain.steps[1].knob, known.chain.steps[1].change) == (
        "program",
        "serve --fast → rust; PLAN: packed → not set",
    )


def test_results_include_the_versions_of_what_a_step_uses_beside_its_program(
    tmp_path: Path, variants: VariantFile
) -> None:
    step = 'name = "Rust", program = "rust", set = { MODEL = "a" }, own = ["MODEL"], distributions = ["pydantic"]'
    known = read(tmp_path, variants, f'[chains.why]\ndescription = "?"\nstart = "fast"\nsteps = [{{ {step} }}]\n')
    assert known.own["why.rust"].distributions == ["pydantic"]


def test_steps_may_be_alternatives(tmp_path: Path, variants: VariantFile) -> None:
    steps = """[
        { name = "single", set = { PLAN = "single" } },
        { name = "packed", set = { PLAN = "packed" }, after = "slow" },
        { name = "no log", unset = ["LOG"], after = "single" },
    ]"""
    known = read(tmp_path, variants, f'[chains.why]\ndescription = "?"\nstart = "slow"\nsteps = {steps}\n')
    assert [step.before for step in known.chain.steps] == ["slow", "slow", "why.single"]
    assert known.chain.has_branches
    assert known.chain.other_way == []
    with pytest.raises(ShowdownError, match="why has branches, and so no other end: leave out --both-ways"):
        known.measured(both_ways=True)


REFUSED = [
    (
        '{ name = "all", variant = "fast" }',
        r"chains.toml: chains.why, step 1 \(all\): from slow to fast it changes 5 knobs \(program, workers, pool, ",
    ),
    ('{ name = "two", set = { A = "1", B = "2" } }', r"it changes 2 knobs \(A, B\), not one: A: not set → 1; B: "),
    ('{ name = "both", pool = 9, unset = ["LOG"] }', r"it changes 2 knobs \(pool, LOG\), not one"),
    ('{ name = "same", pool = 5 }', "it changes no knob, not one"),
    ('{ name = "same", set = { PLAN = "sequential" } }', "it changes no knob, not one"),
    ('{ name = "typo", unset = ["PLAM"] }', "PLAM is not set before it: there is nothing to unset"),
    ('{ name = "gone", variant = "fats" }', "there is no variant 'fats': did you mean fast"),
    ('{ name = "gone", program = "fats" }', "there is no variant 'fats': did you mean fast"),
    ('{ name = "more", variant = "fast", pool = 9 }', "variant says all that it changes: leave out the rest"),
    ('{ name = "own", pool = 9, own = ["PLAN"] }', "only a step to another program has variables of its own"),
    ('{ name = "own", program = "fast", own = ["PLAN"] }', "it does not change PLAN: leave that out of own"),
    ('{ name = "late", pool = 9, needs = ["early"] }', "it names 'early', which is no earlier step"),
    ('{ name = "a", pool = 9 }, { name = "a", workers = 3 }', r"step 2 \(a\): an earlier step has this name"),
    ('{ name = "a b", pool = 9 }, { name = "a-b", workers = 3 }', "why.a-b is taken or too long a name"),
    ('{ name = "port", set = { PORT = "1" } }', "PORT is set by the stack: leave it out"),
    ('{ name = "port", pol = 1 }', r"Extra inputs are not permitted: did you mean pool\?"),
]


@pytest.mark.parametrize(("steps", "message"), REFUSED)
def test_what_is_no_chain_is_refused(tmp_path: Path, variants: VariantFile, steps: str, message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        read(tmp_path, variants, f'[chains.why]\ndescription = "?"\nstart = "slow"\nsteps = [{steps}]\n')


def test_a_chain_starts_with_a_variant(tmp_path: Path, variants: VariantFile) -> None:
    with pytest.raises(ShowdownError, match=r"chains.why.start: there is no variant 'slo': did you mean slow\?"):
        read(tmp_path, variants, CHAIN.replace('start = "slow"', 'start = "slo"'))


BEST = {
    "sync-to-async": "axum-rowjson",
    # What people have, and the best variant of its language.
    "fastapi": "starlette-rowjson",
    "django-orm": "starlette-rowjson",
    "psycopg": "starlette-rowjson",
    "sqlx": "axum-rowjson",
}


def test_our_own_chains_begin_and_end_with_variants_that_a_reader_knows() -> None:
    contract = load_contract()
    known = contract.variants.variants
    for name, best in BEST.items():
        assert contract.chains[name].chain.last == best
    for each in contract.chains.values():
        assert each.chain.first in known
        assert set(each.scenarios or []) <= contract.scenarios.scenarios.keys()


def test_variants_of_chains_can_be_named_and_are_in_no_list() -> None:
    contenders, name = load_contract().contenders(), "sync-to-async.kept-connections"
    assert knobs(contenders.named(name)[name]).keys() == knobs(contenders.all["django-2022"]).keys() - {"CONNECTIONS"}
    assert contenders.one(name)[0] == name
    assert name not in contenders.all
    with pytest.raises(ShowdownError, match=r"there is no variant 'sync-to-async\.kept'"):
        contenders.named("sync-to-async.kept")


BESIDE = """
[chains.other]
description = "why is the other fast?"
start = "fast"
steps = [{ name = "fewer connections", pool = 5 }]
"""


def test_another_chain_can_be_measured_beside_it(tmp_path: Path, variants: VariantFile) -> None:
    extra = 'beside = "other"\nlatency_ms = [0, 2.5]\nprofile = "long"\ndirect = true\nstart'
    known = read(tmp_path, variants, CHAIN.replace("start", extra) + BESIDE)
    assert known.beside is not None
    assert known.beside.variants() == ["fast", "other.fewer-connections"]
    assert (known.latencies_ms, known.profile, known.direct) == ([0, 2.5], "long", True)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('beside = "othr"', r"chains\.why\.beside: there is no chain 'othr': did you mean other"),
        ("latency_ms = [-1]", "latency_ms"),
        ("latency_ms = [1001]", "latency_ms"),
        ("latency_ms = []", "latency_ms"),
    ],
)
def test_what_it_names_has_to_be_possible(tmp_path: Path, variants: VariantFile, said: str, message: str) -> None:
    with pytest.raises(ShowdownError, match=message):
        read(tmp_path, variants, CHAIN.replace("start", f"{said}\nstart") + BESIDE)
