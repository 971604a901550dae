"""The answer to the question that a run asks, in one sentence for each scenario."""

from showdown.report.findings import answer
from showdown.report.summary import Summary


def sentence(summary: Summary, scenario: str) -> str:
    """What the best variant gains; or why that cannot be said."""
    hosts = max(summary.run.service_hosts)
    if told := answer(summary, scenario, hosts):
        return told
    first = next((row for row in summary.rows[scenario] if row.rank and row.service_hosts == hosts), None)
    if first is None:
        return "No variant has a rank: the verdicts say why, and what to do."
    better = "faster" if summary.run.rate is None else "cheaper"
    if first.variant == summary.run.compared_with and first.rank and first.rank.place == 1:
        return f"No variant is established to be {better} than {first.name}, with which the others are compared."
    return f"{first.name} comes first; by how much is not known yet, for that takes two blocks or more."
