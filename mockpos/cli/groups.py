"""Groups of commands that say which one was probably meant."""

from difflib import get_close_matches

import click


class SuggestingGroup(click.Group):
    """A group that answers a misspelt name with the nearest ones."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command. Raises UsageError that names those most alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0].lower()[:60], self.list_commands(ctx), n=3)
            if not near or "did you mean" in error.message.lower():
                raise
            told = f"{error.message.rstrip('.')}; did you mean {' or '.join(near)}?"
            raise click.UsageError(told, error.ctx) from None
