"""Reports of a run: one document, and the forms it is shown in (terminal, HTML, JSON, JUnit)."""
