"""For GitHub Actions: workflow commands, which it shows at the lines of a pull request."""

from clientlint.outputs.result import Result


def render(result: Result) -> str:
    lines = [
        f"::error title=clientlint {one.code},file={_value(str(one.path))},line={one.line},endLine={one.end_line},"
        f"col={one.column},endColumn={one.end_column}::{_message(one.message)}"
        for one in result.findings
    ]
    lines += [
        f"::error title=clientlint,file={_value(str(one.path))}::{_message(f'not checked: {one.message}')}"
        for one in result.unchecked
    ]
    return "".join(f"{line}\n" for line in lines)


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
