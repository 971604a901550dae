"""The rules: their codes, names and explanations."""

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Rule:
    code: str
    name: str
    summary: str

    @property
    def explanation(self) -> str:
        """What goes wrong, what to do, and how the rule decides, as Markdown."""
        return resources.files("clientlint").joinpath("explanations", f"{self.code}.md").read_text(encoding="utf-8")


RULES = {
    rule.code: rule
    for rule in (
        Rule("CL001", "client-per-call", "A client or pool is constructed per request, per call, or in a loop."),
        Rule("CL002", "unclosed-client", "A client is neither closed nor used as a context manager."),
        Rule("CL003", "tls-context-per-call", "A TLS context is built per request, per call, or in a loop."),
        Rule("CL004", "sync-client-in-async-code", "A sync client waits in async code, which stops all other tasks."),
        Rule("CL005", "shared-client-closed", "A client is closed while others use it."),
    )
}
