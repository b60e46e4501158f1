"""What the client left behind: calls kept per Global ID, and six rules that judge them when somebody asks."""
