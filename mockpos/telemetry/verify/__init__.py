"""What a test says must have happened, checked against the calls that did."""
