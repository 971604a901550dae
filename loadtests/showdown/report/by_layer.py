"""Where the CPU time of services goes, by layer: what tables and charts of it share."""

from collections.abc import Iterator, Sequence

from showdown.measure.results import Run
from showdown.measure.sampled import Sampled
from showdown.report.figures import UNKNOWN, three_digits, whole
from showdown.report.setting import listed
from showdown.sampling.layers import in_order, load_layers

LEAST_SHOWN = 0.005


def of_scenario(run: Run, scenario: str) -> list[Sampled]:
    """What was sampled under it, the least CPU time first."""
    found = [each for each in run.sampled if each.scenario == scenario]
    return sorted(found, key=lambda each: each.cpu_us_per_request)


def layers_of(sampled: Sequence[Sampled]) -> list[str]:
    """Those that any of them has, in the order of layers.toml."""
    return in_order({name for each in sampled for name in each.layers_us_per_request}, load_layers())


def headings(layers: Sequence[str]) -> list[str]:
    return ["variant", "service CPU µs", *layers, "samples", "overhead"]


def cells(each: Sampled, layers: Sequence[str]) -> list[str]:
    """Of a line, without the name."""
    shares = [_share(each.layers_us_per_request.get(name, 0.0), each.cpu_us_per_request) for name in layers]
    return [whole(each.cpu_us_per_request), *shares, whole(each.samples), f"× {three_digits(each.overhead)}"]


def sentences(sampled: Sequence[Sampled]) -> Iterator[str]:
    """How to read it."""
    how = {f"{each.profiler}, {each.samples_per_second} times a second" for each in sampled}
    yield (
        f"after the blocks, in a pass of its own under the same load, services were sampled by {listed(sorted(how))}; "
        "its CPU time is that of a request right before, and overhead says how many times as much it was meanwhile"
    )
    if any(each.kernel_share is not None for each in sampled):
        yield (
            "py-spy looks at the busiest worker, and does not see the kernel: how much of the CPU time that takes is "
            "by the kernel's own account, and samples tell where the rest goes"
        )
    if any(each.profiler == "perf" for each in sampled):
        yield (
            "perf sees no functions of Python: their time is the interpreter's, and so is what they call and no rule "
            "knows; a function that the compiler has inlined belongs to the one that it is in"
        )
    yield "a sample is of the layer of its innermost known function, by layers.toml; other is what no rule there knows"


def _share(us: float, whole_us: float) -> str:
    share = us / whole_us if whole_us else 0.0
    return UNKNOWN if not share else f"{share:.0%}" if share >= LEAST_SHOWN else "< 1%"
