"""The overview: how all sessions of a range of days went, drawn on the server."""
