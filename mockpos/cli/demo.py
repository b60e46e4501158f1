"""``mockpos demo``: play a story for an audience, rehearse it, or check stories of one's own."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mockpos.cli import BAD_INPUT
from mockpos.cli.options import PATH, complete
from mockpos.cli.terminal import check_files, terminal_width
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput

_OWN = ("list", "check", "play")


class StoryGroup(click.Group):
    """Takes the name of a story for the command that plays it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; what is none is a story."""
        return super().resolve_command(ctx, args if args[0] in _OWN else ["play", *args])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Play the first story where none is named."""
        named = [arg for arg in args if not arg.startswith("-")]
        wants_help = any(arg in ctx.help_option_names for arg in args)
        return super().parse_args(ctx, args if (named and named[0] in _OWN) or wants_help else ["play", *args])


def _names_to_play() -> list[str]:
    from mockpos.demo.story import story_names

    return [*story_names(), *_OWN]


@click.group("demo", cls=StoryGroup)
def command() -> None:
    """Play a story in a throw-away world: for an audience, in a sales call or at a booth.

    \b
    Examples:
      mockpos demo
      mockpos demo lost-answer
      mockpos demo on-sale-rush --csv prospect.csv --name "Acme Tickets" --colour '#0a7d55'
      mockpos demo sell-out --loop
      mockpos demo lost-answer --rehearse --replay fallback.html
      mockpos demo check mine.yaml
    """


@command.command("play")
@click.argument("story", default="quiet-evening", shell_complete=complete(_names_to_play, or_file=True))
@click.option(
    "--csv",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The prospect's listings: their file as it is, or what `mockpos import` made of it.",
)
@click.option("--name", "broker", default="", metavar="NAME", help="The prospect's name.")
@click.option("--colour", default="", metavar="#RRGGBB", help="The prospect's colour.")
@click.option("--port", default="8000", metavar="PORT", help="Port to listen on; 0 picks a free one.")
@click.option("--no-browser", is_flag=True, help="Open no browser.")
@click.option("--loop", is_flag=True, help="Play by itself, again and again: for a booth.")
@click.option("--rehearse", is_flag=True, help="Play quickly and without a presenter, and check every `until`.")
@click.option(
    "--replay",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where a rehearsal writes a page that needs no server.",
)
def play(story: str, broker: str, port: str, no_browser: bool, replay: Path | None, **given: Any) -> None:
    """Play a story: one of `mockpos demo list`, or a YAML file of your own."""
    from mockpos.cli.ready import ReadyFile
    from mockpos.cli.serve import serve
    from mockpos.demo.run import Demo
    from mockpos.demo.story import find_story, load_story
    from mockpos.settings import read_settings

    if replay is not None and not given["rehearse"]:
        raise BadInput("--replay: only a rehearsal writes one; add --rehearse")
    told = load_story(find_story(story), broker or "the broker")
    demo = Demo(story=told, broker=broker, browser=not no_browser, replay=replay, **given)
    settings = read_settings({"port": port, "memory": "yes", "quiet": "yes", "fixture": demo.story.fixture}, {})
    status = serve(settings, ReadyFile(None), demo)
    for failure in demo.failures:
        click.secho(f"{story}: {failure}", fg="red", err=True)
    if demo.rehearse and not demo.failures:
        many = len(demo.story.chapters)
        click.echo(f"{story}: {counted(many, 'chapter')} came to what {'it waits' if many == 1 else 'they wait'} for")
        if replay is not None:
            click.echo(f"wrote {replay}, which needs no server")
    sys.exit(1 if demo.failures else status)


@command.command("list")
def list_stories() -> None:
    """List the stories that come with mockpos."""
    from mockpos.demo.story import find_story, load_story, story_names

    for name in story_names():
        story = load_story(find_story(name))
        click.echo(click.wrap_text(f"{name:15} {story.minutes:2} min  {story.summary}", terminal_width(), "", " " * 24))


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=PATH, metavar="FILE...")
def check(files: Sequence[Path]) -> None:
    """Check stories in full: a tick or a cross for each, and a line for each fault."""
    from mockpos.demo.story import load_story

    def told(path: Path) -> list[str]:
        story = load_story(path)
        return [f"{story.name}: {counted(len(story.chapters), 'chapter')}, {story.minutes} min"]

    sys.exit(BAD_INPUT if check_files(files, told) else 0)
