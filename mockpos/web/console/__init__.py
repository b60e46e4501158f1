"""The console: the broker's POS as a person sees it, and the controls of one sandbox."""

from mockpos.web.console.blueprint import console_of as console_of
from mockpos.web.console.blueprint import make_console as make_console
