"""Figures of docs/results/outbound-construct in a document, each between two marks that say which it is.

<!-- construct time LIBRARY/OPERATION/TRUST -->16.4 ± 0.2<!-- end -->    ms of CPU
<!-- construct share LIBRARY/OPERATION -->92%<!-- end -->                of it, to load CAs
<!-- construct flame VARIANT -->85.1<!-- end -->                         ms of CPU for a request, where it was sampled
<!-- construct table NAME -->…<!-- end -->                               one of report.py's
"""

import re
from collections.abc import Callable, Mapping

from showdown_contract.errors import ShowdownError

from outbound.benchmarks import Trust, benchmark_name
from outbound.report import TABLES, Results, cpu_ms

MARKED = re.compile(r"(<!-- construct (\w+) ([^>]+?) -->)(.*?)(<!-- end -->)", re.DOTALL)


def cited(text: str, results: Results) -> str:
    """The document with all its marks filled in. Raises ShowdownError for a mark that means nothing."""

    def filled(mark: re.Match[str]) -> str:
        begin, kind, name, _, end = mark.groups()
        try:
            return f"{begin}{KINDS[kind](results, name)}{end}"
        except (KeyError, StopIteration, ValueError):
            raise ShowdownError(f"{begin} means nothing") from None

    return MARKED.sub(filled, text)


def _share(results: Results, name: str) -> str:
    library, operation = name.split("/")
    return f"{results.loads[benchmark_name(library, operation, Trust.DEFAULT)].share:.0%}"


def _flame(results: Results, variant: str) -> str:
    return f"{cpu_ms(next(row for row in results.flames if row['variant'] == variant)):.1f}"


KINDS: Mapping[str, Callable[[Results, str], str]] = {
    "time": lambda results, name: str(results.times[name]),
    "share": _share,
    "flame": _flame,
    "table": lambda results, name: f"\n\n{TABLES[name](results)}\n\n",
}
