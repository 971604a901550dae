"""`python -m clientlint`."""

import sys

from clientlint.cli import main

if __name__ == "__main__":
    sys.exit(main())
