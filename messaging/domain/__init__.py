"""What may be sent, when, in which words, and how a message lives."""
