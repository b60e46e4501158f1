"""Text from outside, made safe to print: nothing in a file or an answer may move the cursor or rename the window."""


def safe(text: str) -> str:
    """Return a text whose unprintable characters, line breaks included, are replaced."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
