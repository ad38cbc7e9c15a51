"""What billing tells people: the messages it plans, and what they may say when they leave."""
