"""What happens in a sandbox, as numbered events for whoever listens; each is made when somebody reads it."""
