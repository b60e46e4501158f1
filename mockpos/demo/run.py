"""Puts a demo together: a throw-away world behind a server of its own, a director, a presenter's page."""

import os
import signal
import webbrowser
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread

from flask import Flask

from mockpos.bootstrap import Mock
from mockpos.contract.model import Contract
from mockpos.control_client import ControlError
from mockpos.demo.director import Director
from mockpos.demo.pages import presenter_blueprint, read_colour
from mockpos.demo.rehearsal import Rehearsal
from mockpos.demo.stage import Stage
from mockpos.demo.story import Story
from mockpos.domain.counted import counted
from mockpos.domain.errors import BadInput
from mockpos.domain.listing import Listing
from mockpos.inventory_files import read_file
from mockpos.services.import_listings import ImportMode, import_listings
from mockpos.system_clock import SystemClock
from mockpos.web.console import console_of
from mockpos.web.console.pages import ROOT


@dataclass(kw_only=True)
class Demo:
    """One demo, as a presenter asked for it. ``replay`` is where a rehearsal writes its file, if anywhere.

    ``failures`` is why it did not come to a good end.
    """

    story: Story
    broker: str = ""
    colour: str = ""
    csv: Path | None = None
    browser: bool = True
    loop: bool = False
    rehearse: bool = False
    replay: Path | None = None
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._is_stopping = False
        self._colour = read_colour(self.colour)
        self._listings = _prospects_listings(self.csv) if self.csv is not None else []

    def extend(self, app: Flask, mock: Mock, contract: Contract, url: str) -> None:
        """Add the presenter's page to an application that is about to be served at ``url``."""
        pages, sandbox, self._url = console_of(app), mock.sandboxes.default, url
        if self._listings:
            current = [listing for listing, _ in sandbox.store.listings()]
            with sandbox.store.transaction() as tx:
                import_listings(tx, self._listings, mode=ImportMode.REPLACE, current=current, skip_conflicts=True)
        self._stage = Stage(url, sandbox, contract, fast=self.rehearse)
        self._tell = partial(pages.live.tell, sandbox)
        self.director = Director(self.story, self._stage, self._tell, auto=self.rehearse or self.loop, loop=self.loop)
        app.register_blueprint(presenter_blueprint(pages, self.director, self._colour))

    def begin(self) -> None:
        """Play, now that the server answers."""
        Thread(target=self._play, daemon=True, name="demo").start()

    def end(self) -> None:
        """Let the director stop."""
        self._is_stopping = True
        self.director.is_over = True

    @property
    def banner(self) -> str:
        """Say where to look."""
        return (
            f"{self.story.name}: {self.story.summary}\n"
            f"  presenter  {self._url}{ROOT}/present\n  audience   {self._url}{ROOT}/show\n"
            "  keys       space and arrows, 1 to 9, p pause, i improvise, b blank; Ctrl-C ends it and leaves nothing\n"
        )

    def _play(self) -> None:
        stage, director, rehearsal = self._stage, self.director, Rehearsal(self._url)
        try:
            stage.choose_showcase()
            self._tell(broker=self.broker or "mockpos", spotlight=stage.event, after=stage.after)
            if self.rehearse:
                director.look = rehearsal.look
            elif self.browser:
                webbrowser.open(f"{self._url}{ROOT}/{'show' if self.loop else 'present'}")
            director.run()
            self.failures += director.warnings if self.rehearse else []
            if self.replay is not None:
                self.replay.write_text(rehearsal.replay(self.story.name), "utf-8")
        except (ControlError, OSError) as error:
            self.failures.append(str(error))
        finally:
            if not self._is_stopping:
                os.kill(os.getpid(), signal.SIGTERM)


def _prospects_listings(path: Path) -> list[Listing]:
    """Read the rows that can be read. Raises BadInput when there is none to show."""
    read = read_file(path)
    if not read.listings and read.bad_rows:
        first = read.bad_rows[0]
        raise BadInput(f"{path}:{first.line}: {first.reason} No row is left to show.")
    now = SystemClock().now()
    if not any(listing.quantity > 1 and not listing.not_for_sale_because(now) for listing in read.listings):
        raise BadInput(
            f"{path}: {counted(len(read.listings), 'listing')}, none of them with two tickets for sale and an event "
            "ahead of today; leave --csv out, or export a newer file"
        )
    return read.listings_for(None)
