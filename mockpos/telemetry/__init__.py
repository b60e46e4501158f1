"""What is remembered about calls: journal, verification, audit, timing, coverage. Knows no clock, store or web."""
