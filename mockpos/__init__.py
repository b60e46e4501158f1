"""mockpos: a mock automator with a simulated ticket-broker point of sale.

Importing this package opens no file and loads neither Flask nor TinyDB.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
