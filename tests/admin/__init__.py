"""The admin. What its pages do with bad input, much input and other people's input."""
