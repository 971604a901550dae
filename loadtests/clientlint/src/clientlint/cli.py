"""The command `clientlint`."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from clientlint import __version__
from clientlint.config import Config, find_config, read_config, rule_codes
from clientlint.errors import ClientlintError, SourceError
from clientlint.files import python_files
from clientlint.finding import Finding, Unchecked
from clientlint.linter import Linter
from clientlint.outputs import github, sarif, text
from clientlint.outputs.result import Format, Result
from clientlint.rules import RULES

CLEAN, FOUND, FAILED = 0, 1, 2
FORMATS: dict[str, Format] = {"text": text.render, "github": github.render, "sarif": sarif.render}
EXIT_CODES = (
    "Exit codes: 0 nothing found; 1 findings; 2 wrong options or configuration, or a file that cannot be checked."
)


def main(arguments: Sequence[str] | None = None) -> int:
    # A path that is not UTF-8 must not end the output.
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except ClientlintError as error:
        sys.stderr.write(f"clientlint: {error}\n")
        return FAILED
    except BrokenPipeError:
        # Whoever read the output has left, as `head` does. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clientlint",
        description="Finds clients, connection pools and TLS contexts that are made for each call or never closed.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"clientlint {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="check files and folders", epilog=EXIT_CODES)
    check.add_argument("paths", nargs="*", type=Path, default=[Path()], metavar="PATH", help="by default this folder")
    check.add_argument("--fix", action="store_true", help="change what can be changed while the code does the same")
    check.add_argument("--select", type=_codes, metavar="CODES", help="only these rules: CL001,CL002")
    check.add_argument("--ignore", type=_codes, metavar="CODES", help="all rules but these")
    check.add_argument(
        "--config", type=Path, metavar="FILE", help="by default the nearest pyproject.toml that has a table"
    )
    check.add_argument("--output-format", choices=FORMATS, default="text")
    check.set_defaults(run=_check)
    explain = commands.add_parser("explain", help="say what a rule means, why, and how it decides")
    explain.add_argument(
        "code", nargs="?", type=str.upper, choices=RULES, metavar="CODE", help="such as CL001; all if none"
    )
    explain.set_defaults(run=_explain)
    return parser


def _codes(value: str) -> frozenset[str]:
    try:
        return rule_codes(value.replace(",", " ").split())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value} {error}") from error


def _check(options: argparse.Namespace) -> int:
    config = _config(options)
    linter = Linter(config)
    findings: list[Finding] = []
    unchecked: list[Unchecked] = []
    files = lines = fixed = 0
    for checked in linter.check(python_files(options.paths, config.root, config.exclude)):
        if isinstance(checked, Unchecked):
            unchecked.append(checked)
            continue
        if options.fix and checked.findings:
            # libcst takes longer to import than a small project takes to check.
            from clientlint.fixes.fixer import fix_file  # noqa: PLC0415

            try:
                checked, changes = fix_file(checked, linter)  # noqa: PLW2901
            except SourceError as error:
                unchecked.append(Unchecked(checked.path, str(error)))
            else:
                fixed += changes
        files += 1
        lines += checked.lines
        findings += checked.findings
    sys.stdout.write(FORMATS[options.output_format](Result(findings, unchecked, files, lines, fixed)))
    if unchecked:
        return FAILED
    return FOUND if findings else CLEAN


def _config(options: argparse.Namespace) -> Config:
    config = read_config(options.config) if options.config else find_config(Path())
    if options.select is not None:
        config = replace(config, select=options.select, ignore=frozenset())
    if options.ignore is not None:
        config = replace(config, ignore=config.ignore | options.ignore)
    return config


def _explain(options: argparse.Namespace) -> int:
    rules = [RULES[options.code]] if options.code else list(RULES.values())
    sys.stdout.write("\n".join(rule.explanation for rule in rules))
    return CLEAN
