"""How right clientlint is: on the corpus, and on packages from PyPI whose findings were checked by hand."""
