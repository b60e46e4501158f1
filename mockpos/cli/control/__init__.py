"""Commands that are made from the table of control calls."""
