"""The control plane: everything a test, a demo or a person needs that is not the automator's contract."""
