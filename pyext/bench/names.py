"""The names of the benchmarks in pyperf's file."""


def records(size: int, contender: str) -> str:
    return f"records/{size}/{contender}"


def fetch(size: int, way: str, of: str) -> str:
    return f"fetch/{size}/{way}/{of}"


def document(way: str) -> str:
    return f"document/{way}"


def memory(contender: str, figure: str) -> str:
    return f"memory/{contender}/{figure}"
