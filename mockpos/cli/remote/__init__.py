"""What the commands share that talk to a running server: how to reach it, and how its answers are shown."""

from mockpos.cli.remote.remote import Remote, remote_options

__all__ = ["Remote", "remote_options"]
