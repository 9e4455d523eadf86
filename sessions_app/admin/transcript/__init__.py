"""A session read like a conversation: in pieces of bounded size, each concern in a module of its own."""
