"""Findings for a terminal, for GitHub, and as SARIF."""
