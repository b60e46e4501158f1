"""The command line."""

import signal

import click

from bench.commands.page import command as page
from bench.commands.previous import command as previous
from bench.commands.profile import command as profile
from bench.commands.run import command as run
from bench.commands.tools import command as tools


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Measure mockpos beside the tools a user would pick instead.

    Everything runs on this machine's loopback interface, in a temporary folder. Exit status: 0 all goals met,
    1 some goal missed or not measured, 2 a wrong option or a missing tool.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C, so that no server is left behind


main.add_command(tools)
main.add_command(previous)
main.add_command(run)
main.add_command(page)
main.add_command(profile)
