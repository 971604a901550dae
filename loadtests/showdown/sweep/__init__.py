"""How variants grow: one parameter goes through several values, and what that changes is drawn and judged."""
