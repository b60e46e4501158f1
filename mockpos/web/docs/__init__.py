"""The documentation that the running mock serves: all of it is derived from contract, catalogue and tables."""
