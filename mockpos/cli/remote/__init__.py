"""What the commands share that talk to a running server: how to reach it, and how its answers are shown."""

from mockpos.cli.remote.options import remote_options
from mockpos.cli.remote.remote import Remote

__all__ = ["Remote", "remote_options"]
