"""What goes wrong while measuring, in words for a person."""


class Unmeasurable(Exception):
    """A measurement could not be made; its goals stay unproven. The text says what, where and the way out."""


class MissingTool(Exception):
    """An outside tool is not there. The text ends with the command that gets it."""
