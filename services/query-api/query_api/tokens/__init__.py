"""Who calls: bearer tokens from the tokens file, and the dashboard's cookie."""
