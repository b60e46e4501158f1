"""The page of results, rendered from the results files alone."""
