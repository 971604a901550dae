"""The documents of the checkout, and the commands in them."""

import re
import shlex
import subprocess
from pathlib import Path

from showdown_contract.files import CHECKOUT

# A word that stands for one of the reader's: FOLDER, yours,axum, -replace=...
PLACEHOLDER = re.compile(r"[A-Z]{4}|^yours|…|\.\.\.")


def tracked(*patterns: str) -> list[str]:
    """The names of files that git knows."""
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


# Those in tests are what is compared.
DOCUMENTS = [CHECKOUT / name for name in tracked("*.md", ":!*/tests/*")]


def blocks(document: Path, language: str) -> list[str]:
    """What stands in its fences of that language."""
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(), re.DOTALL)


def lines(document: Path) -> list[str]:
    """Its commands as they are typed."""
    text = "\n".join(blocks(document, "console")).replace("\\\n", " ")
    return [line.strip().removeprefix("$ ") for line in text.splitlines() if line.strip().startswith("$ ")]


def commands() -> list[list[str]]:
    """All commands in all documents, in words, without what a line sets for its program alone."""
    split = [shlex.split(line, comments=True) for document in DOCUMENTS for line in lines(document)]
    return [command[next(at for at, word in enumerate(command) if "=" not in word) :] for command in split]


def commands_of(program: str) -> list[list[str]]:
    """The arguments of each."""
    found = [command[1:] for command in commands() if command[0] == program]
    assert found, f"the documentation shows no {program} command"
    return found


def mentioned(program: str) -> list[list[str]]:
    """The same for those that stand in a sentence, without those with a word for the reader to replace."""
    texts = [document.read_text() for document in DOCUMENTS if document.name != "CHANGELOG.md"]
    mention = re.compile(rf"(?<!`)`{re.escape(program)} ([^`]+)`(?!`)")
    found = [shlex.split(said) for text in texts for said in mention.findall(text)]
    whole = [words for words in found if not any(PLACEHOLDER.search(word) for word in words)]
    return [words for at, words in enumerate(whole) if words not in whole[:at]]
