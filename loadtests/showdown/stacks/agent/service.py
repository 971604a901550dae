"""Replaces itself by the service under test. systemd starts it as the unit `showdown-service`.

The unit's credential `service` is JSON: {"command": [program, argument...], "environment": {name: value}}. The
service gets this environment and nothing of the unit's own, so that it is the same on every stack.
"""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

CREDENTIAL = "service"


def main() -> NoReturn:
    """Replace this process by the command. Exits with a message if that is not possible."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        sys.exit("showdown: $CREDENTIALS_DIRECTORY is not set: start this with 'systemctl start showdown-service'")
    service = json.loads((Path(folder) / CREDENTIAL).read_text())
    command, environment = service["command"], service["environment"]
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606 - no shell is wanted here
    except OSError as error:
        sys.exit(f"showdown: cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
