"""Gives freed memory back to the operating system, where the C library can be asked to.

Reading a large inventory takes much memory for a moment. Python frees it, but the C library keeps it for later: half
of what a server of 100,000 listings seemed to take.
"""

import ctypes


def give_back() -> None:
    """Return what is free. Does nothing where the C library is not GNU's: others give back by themselves, or cannot."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
