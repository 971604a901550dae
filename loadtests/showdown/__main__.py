"""The entry point: `showdown`, or `python -m showdown`."""

import sys


def main() -> None:
    """Run the command; Ctrl-C while it is still being loaded ends it like Ctrl-C later."""
    try:
        from showdown.cli import main as command  # noqa: PLC0415 - this is what takes a while

        command()
    except KeyboardInterrupt:
        sys.stderr.write("showdown: interrupted before anything was started\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
