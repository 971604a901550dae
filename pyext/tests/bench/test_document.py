"""Each way from a recipe's row gives the same document, and the benchmark needs no service for it."""

import subprocess
import sys
from pathlib import Path

from bench import document
from bench.equal import require_equal_bytes
from bench.recipe import Recipe

PYEXT = Path(__file__).resolve().parents[2]


def test_all_ways_give_the_same_bytes() -> None:
    bodies = {name: way(document.rows()) for name, way in document.WAYS.items()}
    require_equal_bytes("the recipe document", bodies)
    recipe = Recipe.model_validate_json(bodies[document.PACKED])
    # A document that has something from each table.
    assert recipe.ingredients
    assert recipe.steps
    assert recipe.timeline.events


def test_the_bench_imports_no_service_and_no_runner() -> None:
    every = "import pkgutil, sys, bench; [__import__(m.name) for m in pkgutil.iter_modules(bench.__path__, 'bench.')]"
    loaded = f"{every}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=PYEXT, capture_output=True, text=True, check=True)
    assert {"python_service", "showdown", "showdown_stack"}.isdisjoint(done.stdout.split())
    assert "rowjson" in done.stdout.split()
