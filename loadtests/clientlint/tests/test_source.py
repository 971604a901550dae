import os
from pathlib import Path

import pytest
from clientlint.config import Config
from clientlint.errors import SourceError
from clientlint.finding import Unchecked
from clientlint.linter import Linter
from clientlint.source import MOST_BYTES, Source, decode, read_bytes

HOSTILE = {
    "parentheses": "import httpx\n" + "(" * 100_000,
    "brackets, closed": "import httpx\nx = " + "[" * 5_000 + "]" * 5_000,
    "signs": "import httpx\nx = " + "-" * 100_000 + "1",
    "a sum": "import httpx\nx = " + "1+" * 100_000 + "1",
    "attributes": "import httpx\nx = httpx" + ".a" * 100_000,
    "calls": "import httpx\nx = httpx" + "()" * 50_000,
    "blocks": "import httpx\n" + "".join(f"{' ' * level}if x:\n" for level in range(200)),
    "functions": "import httpx\n"
    + "".join(f"{' ' * level}def f():\n" for level in range(95))
    + " " * 95
    + "httpx.get('x')\n",
    "lambdas": "import httpx\nx = " + "lambda: " * 5_000 + "httpx.Client()",
    "a circle of names": "import httpx\na = b\nb = c\nc = a\na()\nasync def f():\n    a.get()\n",
    "a circle of classes": "import httpx\nclass A(B): pass\nclass B(A): pass\nclass C(C): pass\nA().get()\nC()\n",
    "a circle of functions": "import httpx\ndef a(): return b()\ndef b(): return a()\nasync def c():\n    a().get()\n",
    "one name, often": "import httpx\ndef f():\n" + "    c = httpx.Client()\n    c.get('x')\n" * 5_000,
    "a loop with much in it": "import httpx\nfor x in y:\n" + "    httpx.get('http://a/b')\n" * 5_000,
    "many aliases": "import httpx\na0 = httpx.Client\n"
    + "".join(f"a{n + 1} = a{n}\n" for n in range(300))
    + "a300().get('x')\n",
    "many bindings": "import httpx\nasync def f():\n"
    + "".join(f"    x = x{n} or x\n    x{n} = x.a or x\n" for n in range(500))
    + "    x.get()\n",
    "NUL": "import httpx\n\0",
    "a form feed": "import httpx\n\f\nasync def f():\n    httpx.get('x')\n",
    "no line end": "import httpx",
    "a lone surrogate in a string": "import httpx\nx = '\\ud800'\n",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_ends_it_or_takes_long(folder: Path, text: str) -> None:
    path = folder / "hostile.py"
    path.write_text(text)

    (checked,) = Linter(Config(folder)).check([path])

    assert checked.path == path


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"import httpx\nx = '\xff'\n", "not the text that its encoding says"),
        (b"# coding: klingon\nimport httpx\n", "unknown encoding: klingon"),
        (b"import httpx\n\0\n", "null bytes"),
        (b"import httpx\nprint 'x'\n", "line 2: Missing parentheses in call to 'print'"),
    ],
)
def test_a_file_that_python_could_not_read_is_told_with_the_reason(folder: Path, data: bytes, message: str) -> None:
    path = folder / "bad.py"
    path.write_bytes(data)

    (unchecked,) = Linter(Config(folder)).check([path])

    assert isinstance(unchecked, Unchecked)
    assert message in unchecked.message


@pytest.mark.parametrize(
    "data",
    [
        "# coding: latin-1\nimport httpx\nname = 'é'; client = httpx.get('x')\n".encode("latin-1"),
        "\ufeffimport httpx\n\nname = 'é'; client = httpx.get('x')\n".encode(),
        b"import httpx\r\n\r\nname = '\xc3\xa9'; client = httpx.get('x')\r\n",
    ],
    ids=["latin-1", "byte order mark", "line ends of Windows"],
)
def test_encodings_and_columns_are_those_of_the_text(data: bytes) -> None:
    source = decode(Path("a.py"), data)

    assert source.lines[2] == "name = 'é'; client = httpx.get('x')"
    assert source.column(3, len("name = 'é'; ".encode())) == len("name = 'é'; ") + 1
    assert source.tree.body


def test_a_file_that_is_too_large(folder: Path) -> None:
    path = folder / "large.py"
    path.write_bytes(b"#" * (MOST_BYTES + 1))

    with pytest.raises(SourceError, match="larger than 2,000,000 bytes: exclude it"):
        read_bytes(path)


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    path = folder / "pipe.py"
    os.mkfifo(path)

    with pytest.raises(SourceError, match="not a regular file"):
        read_bytes(path)


def test_a_link_to_nothing(folder: Path) -> None:
    path = folder / "link.py"
    path.symlink_to(folder / "nowhere")

    with pytest.raises(SourceError, match="No such file"):
        read_bytes(path)


def test_the_code_that_is_checked_causes_no_warnings(recwarn: pytest.WarningsRecorder) -> None:
    assert Source(Path("a.py"), "x = '\\d' is 1\n").tree.body
    assert not recwarn.list
