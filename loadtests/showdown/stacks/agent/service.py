"""Becomes the service under test. systemd runs this as `showdown-service`; its credential says what to become.

The credential `service` is JSON: {"command": [program, argument...], "environment": {name: value}}. Nothing of
the unit's own environment is passed on, so that a service is told the same on every stack.
"""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

CREDENTIAL = "service"


def main() -> NoReturn:
    """Replace this process with the command. Ends with a line on stderr where it cannot."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        sys.exit("showdown: $CREDENTIALS_DIRECTORY is not set: start this with 'systemctl start showdown-service'")
    service = json.loads((Path(folder) / CREDENTIAL).read_text())
    command, environment = service["command"], service["environment"]
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - without a shell is what we want
    except OSError as error:
        sys.exit(f"showdown: cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
