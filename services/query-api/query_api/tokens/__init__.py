"""Who calls, by which kind of token, and what that lets them do."""
