"""What /metrics shows: counts of calls, and how every sandbox stands at the moment of a scrape."""
