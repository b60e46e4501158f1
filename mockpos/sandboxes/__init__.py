"""Sandboxes: whole worlds side by side in one server, each with its own inventory, clock, scenario and memory."""
